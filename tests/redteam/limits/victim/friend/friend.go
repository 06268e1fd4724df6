// SPDX-License-Identifier: Apache-2.0

// Package friend is a dependency that is not confined, and caches what it read, or that it could not.
package friend

import (
	"fmt"
	"os"
	"sync"
)

// Said gets something when something was said.
var Said = make(chan bool, 100)

// Say tells on standard output, which is open already.
//
//go:noinline
func Say(data []byte, err error) {
	fmt.Println(string(data), err)
	Said <- true
}

// File is a value that reads when it is used.
type File string

//go:noinline
func (f File) Read() {
	Say(os.ReadFile(string(f)))
}

var (
	once   sync.Once
	cached []byte
	failed error
)

// Once reads once for everybody.
//
//go:noinline
func Once() {
	once.Do(func() { cached, failed = os.ReadFile("secret") })
}

//go:noinline
func Cached() ([]byte, error) {
	Once()
	return cached, failed
}
