// SPDX-License-Identifier: Apache-2.0

// Command other is not of the policy. It installs a filter, with the flags of its argument, and prints the error's number.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

func main() {
	const setNoNewPrivs, seccomp, setFilter = 38, 317, 1
	runtime.LockOSThread()
	flags, _ := strconv.Atoi(os.Args[1])
	allow := struct {
		code   uint16
		jt, jf uint8
		k      uint32
	}{6, 0, 0, 0x7fff0000}
	program := struct {
		length uint16
		filter unsafe.Pointer
	}{1, unsafe.Pointer(&allow)}
	syscall.RawSyscall(syscall.SYS_PRCTL, setNoNewPrivs, 1, 0)
	_, _, errno := syscall.RawSyscall(seccomp, setFilter, uintptr(flags), uintptr(unsafe.Pointer(&program)))
	fmt.Println("child:", int(errno))
}
