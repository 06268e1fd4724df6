// SPDX-License-Identifier: Apache-2.0

// Command app leaves a mark that it ran, and has somebody try something that cannot be judged.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"example.com/evil"
	"example.com/friend"
)

func main() {
	if len(os.Args) < 2 {
		os.Exit(3)
	}
	check(os.WriteFile("mark", nil, 0o644))
	switch os.Args[1] {
	case "mark":
	case "try":
		say(evil.Try(os.Args[2]))
	case "number":
		_, _, number := syscall.RawSyscall(999, 0, 0, 0)
		say("", number)
	case "jump":
		path := []byte("secret\x00")
		fd, _, number := evil.Sum(syscall.SYS_OPEN, uintptr(unsafe.Pointer(&path[0])), syscall.O_RDONLY, 0)
		if number != 0 {
			fd = -number
		}
		say(evil.ReadFD(fd))
	case "jit":
		say(justInTime())
	case "jit-compute":
		say(fmt.Sprint(call(executable(compute), 0)), nil)
	case "deep":
		say(friend.ReadBelow(30000, "secret"))
	case "exec": // what is executed leaves the mark
		check(os.Remove("mark"))
		command := exec.Command(os.Args[2], os.Args[3:]...)
		command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
		say("", command.Run())
	}
	fmt.Println("app: done")
}

func say(text string, err error) {
	fmt.Printf("tried: %q %v\n", text, err)
}

func check(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(4)
	}
}

// call calls machine code with an argument.
func call(code, argument uintptr) uintptr

var (
	compute  = []byte{0xb8, 0x2a, 0, 0, 0, 0xc3}                      // mov $42, %eax; ret
	openFile = []byte{0xb8, 2, 0, 0, 0, 0x31, 0xf6, 0x0f, 0x05, 0xc3} // mov $2, %eax; xor %esi, %esi; syscall; ret
)

// executable copies machine code into memory of its own, as a compiler at run time does.
func executable(code []byte) uintptr {
	memory, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	check(err)
	copy(memory, code)
	check(syscall.Mprotect(memory, syscall.PROT_READ|syscall.PROT_EXEC))
	return uintptr(unsafe.Pointer(&memory[0]))
}

func justInTime() (string, error) {
	path := []byte("secret\x00")
	return evil.ReadFD(call(executable(openFile), uintptr(unsafe.Pointer(&path[0]))))
}
