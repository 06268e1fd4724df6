// SPDX-License-Identifier: Apache-2.0

package evil

import (
	"runtime"
	"time"

	"example.com/friend"
)

// Timer has another module's method run by a timer, of which nobody knows who set it.
//
//go:noinline
func Timer() { time.AfterFunc(time.Millisecond, friend.File("secret").Read) }

// Finalizer has it run by the garbage collector.
//
//go:noinline
func Finalizer() {
	file := friend.File("secret")
	runtime.SetFinalizer(&file, (*friend.File).Read)
}
