// SPDX-License-Identifier: Apache-2.0

package deeds

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

func init() {
	for name, deed := range self {
		deeds[name] = deed
	}
}

const (
	prSetDumpable   = 4
	prSetSeccomp    = 22
	prSetMM         = 35
	prSetNoNewPrivs = 38
	prSetPtracer    = 0x59616d61

	cloneVM       = 0x100
	cloneFS       = 0x200
	clonePtrace   = 0x2000
	cloneVfork    = 0x4000
	cloneParent   = 0x8000
	cloneUntraced = 0x800000
	cloneNewUTS   = 0x4000000
	cloneNewUser  = 0x10000000
	cloneNewNet   = 0x40000000
)

var self = map[string]func(Target) error{
	"setuid":        func(Target) error { return syscall.Setuid(os.Getuid()) },
	"setgid":        func(Target) error { return syscall.Setgid(os.Getgid()) },
	"setgroups":     func(Target) error { return syscall.Setgroups([]int{os.Getgid()}) },
	"setresuid":     func(Target) error { return syscall.Setresuid(-1, os.Geteuid(), -1) },
	"setregid":      func(Target) error { return syscall.Setregid(os.Getgid(), os.Getegid()) },
	"drop":          func(Target) error { return syscall.Setresuid(1234, 0, 0) },
	"drop-groups":   func(Target) error { return syscall.Setgroups([]int{5, 6}) },
	"all-prctl":     func(Target) error { return all(syscall.SYS_PRCTL, syscall.PR_SET_KEEPCAPS, 1) },
	"all-umask":     func(Target) error { return all(syscall.SYS_CHDIR, text("/"), 0) },
	"raw-setuid":    func(Target) error { return call(syscall.SYS_SETRESUID, 1234, 0, 0) },
	"raw-setgroups": func(Target) error { return call(syscall.SYS_SETGROUPS, 1, text("\x05\x00\x00\x00")) },
	"capset":        capset,
	"chdir":         func(Target) error { return syscall.Chdir("/") },
	"fchdir":        fchdir,
	"chroot":        func(Target) error { return syscall.Chroot("/") },
	"umask":         func(Target) error { return mode(syscall.SYS_UMASK, 0o77) },
	"setrlimit":     func(Target) error { return syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) },
	"personality":   func(Target) error { return mode(syscall.SYS_PERSONALITY, 0x0040000) },
	"setsid":        func(Target) error { return call(syscall.SYS_SETSID) },
	"setpgid":       func(Target) error { return call(syscall.SYS_SETPGID, 0, 0) },
	"unshare-fs":    func(Target) error { return call(syscall.SYS_UNSHARE, cloneFS) },
	"unshare-uts":   func(Target) error { return call(syscall.SYS_UNSHARE, cloneNewUTS) },
	"unshare-net":   func(Target) error { return call(syscall.SYS_UNSHARE, cloneNewNet) },
	"setns":         setns,
	"undumpable":    func(Target) error { return call(syscall.SYS_PRCTL, prSetDumpable, 0) },
	"ptracer":       func(Target) error { return call(syscall.SYS_PRCTL, prSetPtracer, uintptr(os.Getppid())) },
	"no-new-privs":  func(Target) error { return call(syscall.SYS_PRCTL, prSetNoNewPrivs, 1) },
	"set-mm":        func(Target) error { return call(syscall.SYS_PRCTL, prSetMM, 15, text("01234567")) },
	"strict":        func(Target) error { return call(syscall.SYS_PRCTL, prSetSeccomp, 1) },
	"filter":        func(Target) error { return seccomp(0) },
	"filter-prctl":  func(Target) error { noNewPrivs(); return call(syscall.SYS_PRCTL, prSetSeccomp, 2, program()) },
	"filter-tsync":  func(Target) error { return seccomp(1) },
	"listener":      func(Target) error { return seccomp(8) },
	"clone-fork":    func(Target) error { return spawn(0) },
	"clone-untraced": func(Target) error {
		return spawn(cloneUntraced)
	},
	"clone-ptrace": func(Target) error { return spawn(clonePtrace) },
	"clone-parent": func(Target) error { return spawn(cloneParent) },
	"clone-uts":    func(Target) error { return spawn(cloneNewUTS) },
	"clone-user":   func(Target) error { return spawn(cloneNewUser) },
	"clone-fs":     func(Target) error { return spawn(cloneFS) },
	"clone3":       func(Target) error { return spawn3(0) },
	"clone3-untraced": func(Target) error {
		return spawn3(cloneUntraced)
	},
	"clone-vm": cloneShared,
	"fork":     fork,
	"memfd":    memfd,
	"execveat": func(t Target) error { return execute(uintptr(t.Script)) },
}

func text(s string) uintptr {
	bytes := append([]byte(s), 0)
	return uintptr(unsafe.Pointer(&bytes[0]))
}

// mode makes a call that returns what was before.
func mode(number, value uintptr) error {
	_, _, errno := syscall.RawSyscall(number, value, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func all(number, a, b uintptr) error {
	if _, _, errno := syscall.AllThreadsSyscall(number, a, b, 0); errno != 0 {
		return errno
	}
	return nil
}

func noNewPrivs() {
	if os.Geteuid() != 0 {
		_ = call(syscall.SYS_PRCTL, prSetNoNewPrivs, 1)
	}
}

type instruction struct {
	code   uint16
	jt, jf uint8
	k      uint32
}

var allowAll = []instruction{{code: 6, k: 0x7fff0000}}

var filterProgram struct {
	length uint16
	filter *instruction
}

func program() uintptr {
	filterProgram.length = 1
	filterProgram.filter = &allowAll[0]
	return uintptr(unsafe.Pointer(&filterProgram))
}

func seccomp(flags uintptr) error {
	noNewPrivs()
	return call(sysSeccomp, 1, flags, program())
}

func capset(Target) error {
	header := [2]uint32{0x20080522, 0}
	data := [6]uint32{}
	return call(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&data)))
}

func fchdir(Target) error {
	fd, err := syscall.Open("/", syscall.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	return syscall.Fchdir(fd)
}

func setns(Target) error {
	fd, err := syscall.Open(fmt.Sprintf("/proc/%s/ns/uts", os.Getenv("VICTIM")), syscall.O_RDONLY, 0)
	if err != nil {
		return err
	}
	return call(308, uintptr(fd), 0)
}

// birth is what a child does: it makes a directory and ends. It has no runtime.
//
//go:nosplit
//go:norace
func birth(directory uintptr) {
	syscall.RawSyscall(syscall.SYS_MKDIR, directory, 0o755, 0)
	syscall.RawSyscall(syscall.SYS_EXIT, 0, 0, 0)
}

func spawn(flags uintptr) error {
	directory := text("new")
	pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, flags|17, 0, 0, 0, 0, 0)
	if errno == 0 && pid == 0 {
		birth(directory)
	}
	return born(pid, errno)
}

func born(pid uintptr, errno syscall.Errno) error {
	if errno != 0 {
		return errno
	}
	var status syscall.WaitStatus
	_, _ = syscall.Wait4(int(pid), &status, 0, nil)
	return nil
}

func spawn3(flags uint64) error {
	directory := text("new")
	arguments := [11]uint64{0: flags, 4: 17}
	pid, _, errno := syscall.RawSyscall(sysClone3, uintptr(unsafe.Pointer(&arguments)), 88, 0)
	if errno == 0 && pid == 0 {
		birth(directory)
	}
	return born(pid, errno)
}

// cloneShared makes a process in this memory, which the parent waits for, on a stack of its own.
func cloneShared(Target) error {
	directory := text("new")
	pid, _, errno := rawVfork(directory)
	return born(pid, errno)
}

func rawVfork(directory uintptr) (uintptr, uintptr, syscall.Errno) {
	attributes := &syscall.SysProcAttr{Cloneflags: cloneVM | cloneVfork}
	pid, err := syscall.ForkExec("/bin/mkdir", []string{"mkdir", "new"}, &syscall.ProcAttr{Sys: attributes, Env: os.Environ()})
	_ = directory
	errno, _ := err.(syscall.Errno)
	return uintptr(pid), 0, errno
}

func fork(Target) error {
	directory := text("new")
	pid, _, errno := syscall.RawSyscall(syscall.SYS_FORK, 0, 0, 0)
	if errno == 0 && pid == 0 {
		birth(directory)
	}
	return born(pid, errno)
}

// memfd executes a script that is nowhere in the file system.
func memfd(Target) error {
	fd, err := ask(sysMemfdCreate, text("x"), 0)
	if err != nil {
		return err
	}
	if _, err := syscall.Write(int(fd), []byte("#!/bin/sh\nmkdir new; echo app: all work done; cp config work\n")); err != nil {
		return err
	}
	return execute(fd)
}

func execute(fd uintptr) error {
	path := text("")
	argv := []uintptr{text("x"), 0}
	envp := []uintptr{text("PATH=/bin:/usr/bin"), text("WORLD=" + os.Getenv("WORLD")), 0}
	return call(sysExecveat, fd, path, uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0])), 0x1000)
}

// badPath asks for a file whose name is on a page that nobody can read: a mapping behind the end of its file.
func badPath(t Target) error {
	page, err := syscall.Mmap(t.File, 4096, 4096, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	return call(syscall.SYS_MKDIR, uintptr(unsafe.Pointer(&page[0])), 0o755)
}

// flood asks for what it will not get, each time for something else.
func flood(Target) error {
	for i := 0; i < 100000; i++ {
		if err := os.Mkdir(fmt.Sprintf("new-%d-%s", i, os.Args[0]), 0o755); err == nil {
			return nil
		}
	}
	return syscall.EPERM
}

func getHTTP() error {
	_, err := http.Get("http://" + os.Getenv("TCP") + "/" + os.Getenv("TOKEN"))
	runtime.Gosched()
	if err != nil && os.IsPermission(unwrap(err)) {
		return syscall.EPERM
	}
	return err
}

func unwrap(err error) error {
	for {
		inner, ok := err.(interface{ Unwrap() error })
		if !ok {
			return err
		}
		err = inner.Unwrap()
	}
}

// setenvDebug would have the runtime keep no ancestors from now on.
func setenvDebug(Target) error {
	_ = os.Setenv("GODEBUG", "tracebackancestors=0")
	return getHTTP()
}
