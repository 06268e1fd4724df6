// SPDX-License-Identifier: Apache-2.0

// Package assembly has functions in assembly, under names and files of others.
package assembly

import (
	"syscall"
	_ "unsafe"

	"example.com/friend"
)

//go:linkname steal main.asmSteal
func steal() int

//go:linkname bare asmBare
func bare() int

// Named calls itself main's, Bare nobody's.
var (
	Named = steal
	Bare  = bare
)

// Tell is not on the stack when they work.
//
//go:noinline
func Tell(result int) {
	if result < 0 {
		friend.Say(nil, syscall.Errno(-result))
	}
}
