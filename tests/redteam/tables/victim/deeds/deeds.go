// SPDX-License-Identifier: Apache-2.0

// Package deeds turns the tables: it does to processes, the supervisor among them, and to its own process what a guard fears.
package deeds

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Target is the process to do it to, and where its arguments begin; a file and a script that the program has open.
type Target struct {
	Pid      int
	ArgStart uintptr
	File     int
	Script   int
}

// Do does a deed and says how it went.
func Do(deed string, target Target) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	Say(deeds[deed](target))
}

// Say tells on standard output, which is open already.
func Say(err error) {
	switch number, _ := err.(syscall.Errno); {
	case err == nil:
		fmt.Println("deed: ok")
	case number == syscall.EPERM, os.IsPermission(err):
		fmt.Println("deed: EPERM")
	case number == syscall.EBUSY:
		fmt.Println("deed: EBUSY")
	case number == syscall.ENOSYS:
		fmt.Println("deed: ENOSYS")
	default:
		fmt.Println("deed: failed", err)
	}
}

// call makes a system call, and once more where it was interrupted.
func call(number uintptr, args ...uintptr) error {
	_, err := ask(number, args...)
	return err
}

func ask(number uintptr, args ...uintptr) (uintptr, error) {
	args = append(args, 0, 0, 0, 0, 0, 0)
	r, _, errno := syscall.RawSyscall6(number, args[0], args[1], args[2], args[3], args[4], args[5])
	if errno != 0 {
		return r, errno
	}
	return r, nil
}

const (
	sysPidfdOpen       = 434
	sysPidfdSendSignal = 424
	sysPidfdGetfd      = 438
	sysSeccomp         = 317
	sysMemfdCreate     = 319
	sysExecveat        = 322
	sysUserfaultfd     = 323
	sysClone3          = 435
	sysKcmp            = 312
	sysProcessVMWritev = 311
)

var deeds = map[string]func(Target) error{
	"kill":         func(t Target) error { return call(syscall.SYS_KILL, uintptr(t.Pid), 9) },
	"kill-stop":    func(t Target) error { return call(syscall.SYS_KILL, uintptr(t.Pid), 19) },
	"kill-group":   func(t Target) error { return call(syscall.SYS_KILL, uintptr(-group(t.Pid)), 9) },
	"kill-segv":    func(t Target) error { return call(syscall.SYS_KILL, uintptr(t.Pid), 11) },
	"tkill":        func(t Target) error { return call(syscall.SYS_TKILL, uintptr(t.Pid), 9) },
	"tgkill":       func(t Target) error { return call(syscall.SYS_TGKILL, uintptr(t.Pid), uintptr(t.Pid), 9) },
	"sigqueue":     func(t Target) error { return queue(syscall.SYS_RT_SIGQUEUEINFO, uintptr(t.Pid)) },
	"tgsigqueue":   func(t Target) error { return queue(syscall.SYS_RT_TGSIGQUEUEINFO, uintptr(t.Pid), uintptr(t.Pid)) },
	"pidfd":        pidfd,
	"pidfd-getfd":  pidfdGetfd,
	"own":          func(t Target) error { return call(syscall.SYS_FCNTL, 0, syscall.F_SETOWN, uintptr(t.Pid)) },
	"trace":        trace,
	"attach":       func(t Target) error { return call(syscall.SYS_PTRACE, syscall.PTRACE_ATTACH, uintptr(t.Pid)) },
	"vm-write":     vmWrite,
	"proc-mem":     procMem,
	"affinity":     affinity,
	"nice":         func(t Target) error { return call(syscall.SYS_SETPRIORITY, 0, uintptr(t.Pid), 19) },
	"scheduler":    scheduler,
	"prlimit":      prlimit,
	"kcmp":         func(t Target) error { return call(sysKcmp, uintptr(os.Getpid()), uintptr(t.Pid), 1) },
	"robust-list":  robustList,
	"ioprio":       func(t Target) error { return call(syscall.SYS_IOPRIO_SET, 1, uintptr(t.Pid), 3<<13) },
	"sched-attr":   schedAttr,
	"bad-path":     badPath,
	"userfaultfd":  func(Target) error { return call(sysUserfaultfd, 1) },
	"flood":        flood,
	"http":         func(Target) error { return getHTTP() },
	"setenv-debug": setenvDebug,
}

var word [2]uint64

// group is the process group of a process, which getpgid tells anybody.
func group(pid int) int {
	id, _ := ask(syscall.SYS_GETPGID, uintptr(pid))
	return int(id)
}

func queue(number uintptr, ids ...uintptr) error {
	info := [16]uint64{}
	info[1] = uint64(uint32(0xffffffff)) // si_code: SI_QUEUE
	*(*int32)(unsafe.Pointer(&info)) = 9
	return call(number, append(ids, 9, uintptr(unsafe.Pointer(&info)))...)
}

func pidfd(t Target) error {
	fd, err := ask(sysPidfdOpen, uintptr(t.Pid), 0)
	if err != nil {
		return err
	}
	return call(sysPidfdSendSignal, fd, 9, 0, 0)
}

func pidfdGetfd(t Target) error {
	fd, err := ask(sysPidfdOpen, uintptr(t.Pid), 0)
	if err != nil {
		return err
	}
	return call(sysPidfdGetfd, fd, 0, 0)
}

func trace(t Target) error {
	const seize, interrupt = 0x4206, 0x4207
	if err := call(syscall.SYS_PTRACE, seize, uintptr(t.Pid)); err != nil {
		return err
	}
	return call(syscall.SYS_PTRACE, interrupt, uintptr(t.Pid))
}

type iovec struct{ base, length uintptr }

func vmWrite(t Target) error {
	letter := byte('!')
	local := iovec{uintptr(unsafe.Pointer(&letter)), 1}
	remote := iovec{t.ArgStart, 1}
	return call(sysProcessVMWritev, uintptr(t.Pid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1)
}

func procMem(t Target) error {
	file, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", t.Pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteAt([]byte("!"), int64(t.ArgStart))
	return err
}

func affinity(t Target) error {
	mask := [16]uint64{1}
	return call(syscall.SYS_SCHED_SETAFFINITY, uintptr(t.Pid), 8, uintptr(unsafe.Pointer(&mask)))
}

func scheduler(t Target) error {
	const idle = 5
	parameter := [2]int32{}
	return call(syscall.SYS_SCHED_SETSCHEDULER, uintptr(t.Pid), idle, uintptr(unsafe.Pointer(&parameter)))
}

func schedAttr(t Target) error {
	attributes := [6]uint64{48 | 5<<32} // size, SCHED_IDLE
	return call(314, uintptr(t.Pid), uintptr(unsafe.Pointer(&attributes)), 0)
}

func prlimit(t Target) error {
	limits := [2]uint64{0, 0}
	return call(syscall.SYS_PRLIMIT64, uintptr(t.Pid), syscall.RLIMIT_CORE, uintptr(unsafe.Pointer(&limits)), 0)
}

func robustList(t Target) error {
	return call(syscall.SYS_GET_ROBUST_LIST, uintptr(t.Pid), uintptr(unsafe.Pointer(&word[0])), uintptr(unsafe.Pointer(&word[1])))
}
