// SPDX-License-Identifier: Apache-2.0

// A program that links every function of the runtime that the unwinder knows by name, and holds one inlined call inside another.
package main

import (
	"os"
	"runtime"
	"time"
)

//go:noinline
func leaf(n int) int { return n }

func inner(n int) int {
	return leaf(n) + 1
}

func middle(n int) int {
	return inner(n) + 2
}

//go:noinline
func outer(n int) int {
	return middle(n) + 3
}

func main() {
	done := make(chan bool)
	time.AfterFunc(time.Nanosecond, func() { close(done) })
	<-done
	object := new([64]byte)
	runtime.SetFinalizer(object, func(*[64]byte) {})
	addCleanup(object)
	runtime.GC()
	println(outer(len(os.Args)))
}
