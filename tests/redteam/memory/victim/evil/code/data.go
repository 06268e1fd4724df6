// SPDX-License-Identifier: Apache-2.0

package code

import (
	"os"
	"syscall"
)

// program is creat(DI, 0644): data, until it is executed.
var program = []byte{0xb8, 85, 0, 0, 0, 0xbe, 0xa4, 1, 0, 0, 0x0f, 0x05, 0xc3}

const (
	readWrite = syscall.PROT_READ | syscall.PROT_WRITE
	all       = readWrite | syscall.PROT_EXEC
	anonymous = syscall.MAP_ANON | syscall.MAP_PRIVATE
)

func raw(number uintptr, args ...uintptr) (uintptr, error) {
	args = append(args, 0, 0, 0, 0, 0, 0)
	r, _, errno := syscall.RawSyscall6(number, args[0], args[1], args[2], args[3], args[4], args[5])
	if errno != 0 {
		return 0, errno
	}
	return r, nil
}

func mmap(prot, flags, fd uintptr) (uintptr, error) {
	return raw(syscall.SYS_MMAP, 0, 4096, prot, flags, fd, 0)
}

// run executes the page.
func run(page uintptr, err error) error {
	if err != nil {
		return err
	}
	return result(call(page))
}

func execMmap() error {
	page, err := mmap(all, anonymous, ^uintptr(0))
	if err == nil {
		copy(text(page), program)
	}
	return run(page, err)
}

func writable() uintptr {
	page, err := mmap(readWrite, anonymous, ^uintptr(0))
	if err != nil {
		panic(err)
	}
	copy(text(page), program)
	return page
}

func execMprotect() error {
	page := writable()
	_, err := raw(syscall.SYS_MPROTECT, page, 4096, syscall.PROT_READ|syscall.PROT_EXEC)
	return run(page, err)
}

func execPkey() error {
	const pkeyMprotect = 329
	page := writable()
	_, err := raw(pkeyMprotect, page, 4096, syscall.PROT_READ|syscall.PROT_EXEC, ^uintptr(0))
	return run(page, err)
}

func execMemfd() error {
	const memfdCreate = 319
	fd, err := raw(memfdCreate, path, 0)
	if err != nil {
		return err
	}
	if _, err := syscall.Write(int(fd), program); err != nil {
		return err
	}
	return run(mmap(syscall.PROT_READ|syscall.PROT_EXEC, syscall.MAP_PRIVATE, fd))
}

func execShm() error {
	const private, executable = 0, 0o100000
	id, err := raw(syscall.SYS_SHMGET, private, 4096, 0o1777)
	if err != nil {
		return err
	}
	defer raw(syscall.SYS_SHMCTL, id, 0, 0)
	page, err := raw(syscall.SYS_SHMAT, id, 0, executable)
	if err == nil {
		copy(text(page), program)
	}
	return run(page, err)
}

// execPersonality has every readable mapping be executable.
func execPersonality() error {
	const readImpliesExec = 0x400000
	if _, err := raw(syscall.SYS_PERSONALITY, readImpliesExec); err != nil {
		return err
	}
	return run(writable(), nil)
}

func patchedPage() uintptr {
	return patchedAddress() &^ 4095
}

// patch writes the program over a function of this module, whose page and the next must be writable.
func patch() error {
	copy(text(patchedAddress()), program)
	return result(call(patchedAddress()))
}

func textMprotect() error {
	if _, err := raw(syscall.SYS_MPROTECT, patchedPage(), 8192, all); err != nil {
		return err
	}
	return patch()
}

func textMem() error {
	file, err := os.OpenFile("/proc/self/mem", os.O_RDWR, 0)
	if err != nil {
		return syscall.EPERM
	}
	if _, err := file.WriteAt(program, int64(patchedAddress())); err != nil {
		return err
	}
	return result(call(patchedAddress()))
}

// textMremap moves the program's data over text: a shared mapping of the same pages keeps the permissions of the text.
func textMremap() error {
	const fixedMayMove = 3
	page := writable()
	if _, err := raw(syscall.SYS_MPROTECT, page, 4096, all); err != nil {
		return err
	}
	target, err := mmap(readWrite, anonymous, ^uintptr(0))
	if err != nil {
		return err
	}
	return run(raw(syscall.SYS_MREMAP, page, 4096, 4096, fixedMayMove, target))
}
