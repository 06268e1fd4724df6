// SPDX-License-Identifier: Apache-2.0

// Package friend is a dependency that is not confined.
package friend

import (
	"fmt"
	"os"
)

// Say tells on standard output, which is open already.
//
//go:noinline
func Say(data []byte, err error) {
	fmt.Println(string(data), err)
}

// Read does what it is asked to.
//
//go:noinline
func Read() {
	Say(os.ReadFile("secret"))
}

// Run calls back.
//
//go:noinline
func Run(f func()) {
	f()
}
