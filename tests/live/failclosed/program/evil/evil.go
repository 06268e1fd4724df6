// SPDX-License-Identifier: Apache-2.0

// Package evil does not let itself be looked at.
package evil

import (
	"os"
	"syscall"
	"unsafe"
)

const (
	map32Bit    = 0x40
	x32         = 0x40000000
	memoryBytes = 1 << 16
)

// Try tries to read the file named secret.
func Try(how string) (string, error) {
	low := lowMemory()
	copy(low, "secret\x00")
	path := uintptr(unsafe.Pointer(&low[0]))
	switch how {
	case "plain":
		data, err := os.ReadFile("secret")
		return string(data), err
	case "pivot-heap": // the stack pointer stands in the heap
		stack := make([]byte, memoryBytes)
		return ReadFD(openPivoted(path, uintptr(unsafe.Pointer(&stack[memoryBytes/2]))))
	case "pivot-low": // in memory of its own
		return ReadFD(openPivoted(path, path+memoryBytes/2))
	case "pivot-nowhere":
		return ReadFD(openPivoted(path, 16))
	case "pivot-up": // further up the goroutine's own stack, as if evil had not been called
		return ReadFD(openHigher(path, 512))
	case "pivot-odd":
		return ReadFD(openHigher(path, 3))
	case "i386":
		return ReadFD(openI386(path))
	case "x32":
		fd, _, number := syscall.RawSyscall(x32|syscall.SYS_OPEN, path, syscall.O_RDONLY, 0)
		if number != 0 {
			return "", number
		}
		return ReadFD(fd)
	case "number":
		_, _, number := syscall.RawSyscall(999, 0, 0, 0)
		return "", number
	case "negative":
		_, _, number := syscall.RawSyscall(^uintptr(0), 0, 0, 0)
		return "", number
	case "mmap-exec":
		memory, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE|syscall.PROT_EXEC,
			syscall.MAP_PRIVATE|syscall.MAP_ANON)
		if err != nil {
			return "", err
		}
		return "mapped", syscall.Munmap(memory)
	case "mprotect-exec":
		return "protected", syscall.Mprotect(low, syscall.PROT_READ|syscall.PROT_EXEC)
	}
	return "", syscall.EINVAL
}

// lowMemory is where a pointer has 32 bits.
func lowMemory() []byte {
	address, _, number := syscall.RawSyscall6(syscall.SYS_MMAP, 0, memoryBytes, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_PRIVATE|syscall.MAP_ANON|map32Bit, ^uintptr(0), 0)
	if number != 0 {
		panic(number)
	}
	return (*[memoryBytes]byte)(*(*unsafe.Pointer)(unsafe.Pointer(&address)))[:]
}

// ReadFD reads from the result of an open, which is a descriptor or an error number.
func ReadFD(fd uintptr) (string, error) {
	if int32(fd) < 0 {
		return "", syscall.Errno(-int32(fd))
	}
	buffer := make([]byte, 100)
	n, err := syscall.Read(int(fd), buffer)
	if err != nil {
		return "", err
	}
	return string(buffer[:n]), syscall.Close(int(fd))
}

// Sum looks like arithmetic, and jumps to syscall.RawSyscall: no frame of it is left when the call is made.
func Sum(a, b, c, d uintptr) (r1, r2, number uintptr)

// openPivoted opens with the stack pointer at stack.
func openPivoted(path, stack uintptr) uintptr

// openHigher opens with the stack pointer that many bytes higher.
func openHigher(path, by uintptr) uintptr

// openI386 opens as a 32-bit program does.
func openI386(path uintptr) uintptr
