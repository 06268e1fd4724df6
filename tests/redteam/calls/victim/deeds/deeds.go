// SPDX-License-Identifier: Apache-2.0

// Package deeds makes whatever system call it is given.
package deeds

import "syscall"

// Call is a number and its arguments.
type Call [7]uintptr

// Direct makes it here.
//
//go:noinline
func Direct(call *Call) (uintptr, syscall.Errno) {
	return Inlined(call)
}

// Goroutine has somebody else make it.
//
//go:noinline
func Goroutine(call *Call) (result uintptr, number syscall.Errno) {
	done := make(chan bool)
	go func() {
		result, number = Inlined(call)
		close(done)
	}()
	<-done
	return result, number
}

// Inlined leaves no function of this package in its caller.
func Inlined(call *Call) (uintptr, syscall.Errno) {
	result, _, number := syscall.RawSyscall6(call[0], call[1], call[2], call[3], call[4], call[5], call[6])
	return result, number
}

// spawn makes a call that may return twice: what comes to life makes a directory and ends, without a stack.
func spawn(call *Call, directory *byte) uintptr

// SpawnDirect makes such a call here.
//
//go:noinline
func SpawnDirect(call *Call) (uintptr, syscall.Errno) {
	return SpawnInlined(call)
}

// SpawnGoroutine has somebody else make it.
//
//go:noinline
func SpawnGoroutine(call *Call) (result uintptr, number syscall.Errno) {
	done := make(chan bool)
	go func() {
		result, number = SpawnInlined(call)
		close(done)
	}()
	<-done
	return result, number
}

// New is what is made.
var New = [4]byte{'n', 'e', 'w'}

// SpawnInlined leaves no function of this package but the one in assembly.
func SpawnInlined(call *Call) (uintptr, syscall.Errno) {
	result := spawn(call, &New[0])
	if result > ^uintptr(4095) {
		return ^uintptr(0), syscall.Errno(-result)
	}
	return result, 0
}
