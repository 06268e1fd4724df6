// SPDX-License-Identifier: Apache-2.0

//go:build go1.24

package evil

import (
	"context"
	"runtime"

	"example.com/friend"
)

// Cleanup has another module's method run when something is no longer used.
//
//go:noinline
func Cleanup() { runtime.AddCleanup(new([100]int), friend.File.Read, friend.File("secret")) }

// Chain has it run in a goroutine that is the last of many, each made by another in the standard library.
//
//go:noinline
func Chain() {
	last := friend.File("secret").Read
	for i := 0; i < 100; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		context.AfterFunc(ctx, last)
		last = cancel
	}
	last()
}
