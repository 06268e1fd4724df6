// SPDX-License-Identifier: Apache-2.0

// Package evil has no C code, and finds that of others in memory.
package evil

import (
	"errors"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"example.com/friend"
)

func without(pc, number, a, b, c uintptr) uintptr
func thread(pc, stack, flags uintptr, path *byte) uintptr

var path = []byte("secret\x00")

func read(fd uintptr) {
	if fd > ^uintptr(4095) {
		friend.Say(nil, syscall.Errno(-fd))
		return
	}
	buffer := make([]byte, 100)
	n, err := syscall.Read(int(fd), buffer)
	friend.Say(buffer[:n], err)
}

// undisturbed keeps the thread, and blocks the signals by which the scheduler would preempt it. What it returns undoes that.
func undisturbed() func() {
	runtime.LockOSThread()
	all, before := ^uint64(0), new(uint64)
	mask(&all, before)
	return func() {
		mask(before, nil)
		runtime.UnlockOSThread()
	}
}

func mask(set, before *uint64) {
	const setMask = 2
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, setMask, uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(before)), 8, 0, 0)
}

// Without opens the secret by C code in a thread that says that it has no goroutine.
//
//go:noinline
func Without() {
	defer undisturbed()()
	read(without(friend.Kernel(), syscall.SYS_OPEN, uintptr(unsafe.Pointer(&path[0])), 0, 0))
}

// OnBehalf has the other module's C code make a thread, which reads.
//
//go:noinline
func OnBehalf() { friend.InThread() }

// NoCurg opens it in a thread that says that the scheduler is at work: thread-local storage has g0, and m no goroutine.
//
//go:noinline
func NoCurg() {
	defer undisturbed()()
	read(scheduling(friend.Kernel(), syscall.SYS_OPEN, uintptr(unsafe.Pointer(&path[0])), 0, 0, curgOffset(), 0))
}

var mains = register() // package initialisation runs on the main goroutine

func register() uintptr

// OtherCurg opens it in a thread that says that it works for the main goroutine, which waits for this one.
//
//go:noinline
func OtherCurg() {
	defer undisturbed()()
	read(scheduling(friend.Kernel(), syscall.SYS_OPEN, uintptr(unsafe.Pointer(&path[0])), 0, 0, curgOffset(), mains))
}

// curgOffset is where m has curg.
func curgOffset() uintptr {
	if strings.HasPrefix(runtime.Version(), "go1.25") || strings.HasPrefix(runtime.Version(), "go1.26") {
		return 184
	}
	return 192
}

func scheduling(pc, number, a, b, c, curg, goroutine uintptr) uintptr

var stack [4096]uintptr

// Thread does so in a thread of its own, whose thread-local storage is empty.
//
//go:noinline
func Thread() {
	const flags = syscall.CLONE_VM | syscall.CLONE_FS | syscall.CLONE_FILES | syscall.CLONE_SIGHAND | syscall.CLONE_THREAD |
		syscall.CLONE_SYSVSEM | syscall.CLONE_SETTLS
	restore := undisturbed()
	at := &stack[2000]
	tid := thread(friend.Kernel(), uintptr(unsafe.Pointer(at)), flags, &path[0])
	restore()
	if tid > ^uintptr(4095) {
		friend.Say(nil, syscall.Errno(-tid))
		return
	}
	for i := 0; i < 1000; i++ {
		if fd := stack[2001]; fd != 0 {
			read(fd)
			return
		}
		time.Sleep(time.Millisecond)
	}
	friend.Say(nil, errors.New("nothing came of it"))
}
