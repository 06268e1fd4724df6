// SPDX-License-Identifier: Apache-2.0

// Package evil is confined, and tries what it can against being packed.
package evil

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

const (
	sysSeccomp     = 317
	entryOperation = 0x6a61696c
	sysOpenat      = 257
)

// code runs what stands at address as the entry stub runs its own call: number, then four arguments.
func code(address, number, a, b, c, d uintptr) uintptr

// enter jumps to address, with the stack pointer that a program has there.
func enter(address, stack uintptr)

func read() {
	data, err := os.ReadFile(os.Getenv("SECRET"))
	fmt.Printf("read: %s %v\n", data, err)
}

func Do(deed string, args []string) {
	switch deed {
	case "read":
		read()
	case "env-self": // by then main starts the program again, with what is in the environment
		os.Setenv("JAIL_REPORT", args[0])
		os.Setenv("JAIL_FLAGS", "-q -q")
		os.Setenv("GODEBUG", "tracebackancestors=0")
	case "plant-self": // the next start finds these, with what a supervisor would say
		plant()
	case "stub-again": // as the kernel begins a packed program
		enter(stubEntry(), initialStack("app", "evil", "read"))
	case "exec-self":
		_, err := syscall.ForkExec("/proc/self/exe", []string{"app", "evil", "read"}, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2}})
		fmt.Println("exec:", err)
	case "entry-call": // as the stub does, from elsewhere
		_, _, errno := syscall.RawSyscall6(sysSeccomp, entryOperation, 0, 0, 0, 0, 0)
		fmt.Println("entry call:", errno)
		read()
	case "stub-entry-call": // from the stub's own place, too late
		fmt.Println("entry call:", syscall.Errno(-code(stubCall(), sysSeccomp, entryOperation, 0, 0, 0)))
		read()
	case "stub-open": // the stub's instruction, for a call of its own
		path := append([]byte(os.Getenv("SECRET")), 0)
		directory := -100
		fd := code(stubCall(), sysOpenat, uintptr(directory), uintptr(unsafe.Pointer(&path[0])), 0, 0)
		data := make([]byte, 100)
		n, err := syscall.Read(int(fd), data)
		if n < 0 {
			n = 0
		}
		fmt.Printf("read: %s fd %d %v\n", data[:n], int(fd), err)
	default:
		fmt.Println("unknown deed", deed)
	}
}

// plant leaves sockets in the first descriptors that are free, each with words to be read that a supervisor and a stub have (handshake.h).
func plant() {
	for i := 0; i < 32; i++ {
		pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET, 0)
		if err != nil {
			fmt.Println("plant:", err)
			return
		}
		for kind := uint32(1); kind <= 3; kind++ {
			message := make([]byte, 1056)
			*(*uint32)(unsafe.Pointer(&message[0])) = kind
			_, _ = syscall.Write(pair[1], message)
		}
	}
	fmt.Println("plant: done")
}

// initialStack is one as the kernel makes it, with the present environment.
func initialStack(args ...string) uintptr {
	const room, above = 1 << 17, 1 << 12 // words
	words := make([]uintptr, room)
	stacks = append(stacks, words)
	at := room - above
	put := func(value uintptr) {
		words[at] = value
		at++
	}
	text := func(text string) {
		bytes := append([]byte(text), 0)
		texts = append(texts, bytes)
		put(uintptr(unsafe.Pointer(&bytes[0])))
	}
	put(uintptr(len(args)))
	for _, arg := range args {
		text(arg)
	}
	put(0)
	for _, variable := range os.Environ() {
		text(variable)
	}
	put(0)
	return uintptr(unsafe.Pointer(&words[room-above]))
}

var (
	stacks [][]uintptr
	texts  [][]byte
)

// stubEntry is where a packed program begins: the stub says it, behind its magic number (stub.h).
func stubEntry() uintptr {
	begin, _ := stub()
	return begin + *(*uintptr)(at(begin, 8))
}

// stubCall finds the stub's call in memory, in front of its return.
func stubCall() uintptr {
	begin, size := stub()
	// mov %rdi,%rax; mov %rsi,%rdi: the call's beginning
	offset := bytes.Index(unsafe.Slice((*byte)(at(begin, 0)), size), []byte{0x48, 0x89, 0xf8, 0x48, 0x89, 0xf7})
	if offset < 0 {
		fmt.Println("no stub")
		os.Exit(3)
	}
	return begin + uintptr(offset)
}

// stub is where the stub is in memory, and its size: the last segment that can be executed.
func stub() (uintptr, int) {
	header := base()
	phoff := *(*uint64)(at(header, 32))
	n := *(*uint16)(at(header, 56))
	first, last := uint64(0), uint64(0)
	var size uint64
	for i := uint64(0); i < uint64(n); i++ {
		segment := at(header, uintptr(phoff+i*56))
		kind, flags := *(*uint32)(segment), *(*uint32)(unsafe.Add(segment, 4))
		vaddr := *(*uint64)(unsafe.Add(segment, 16))
		if kind == 1 && *(*uint64)(unsafe.Add(segment, 8)) == 0 {
			first = vaddr
		}
		if kind == 1 && flags == 5 {
			last, size = vaddr, *(*uint64)(unsafe.Add(segment, 32))
		}
	}
	return header + uintptr(last-first), int(size)
}

func at(base, offset uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&[]uintptr{base + offset}[0]))
}

// base is where the executable begins: the page in front of this code that begins like an ELF file.
func base() uintptr {
	page := uintptr(*(*uintptr)(unsafe.Pointer(&[]func(){marker}[0])))
	page = *(*uintptr)(at(page, 0)) &^ 4095
	for *(*uint32)(at(page, 0)) != 0x464c457f {
		page -= 4096
	}
	return page
}

func marker() {}
