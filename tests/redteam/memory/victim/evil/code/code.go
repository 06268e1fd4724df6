// SPDX-License-Identifier: Apache-2.0

// Package code makes calls from odd places: its own instructions, others' instructions, data.
package code

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func here(number, a, b, c, d uintptr) uintptr
func hereWithFrame(frame, number, a, b, c uintptr) uintptr
func hereOnStack(stack, g, number, a, b, c uintptr) uintptr
func thread(stack, flags uintptr) uintptr
func int80(number, a, b, c uintptr) uintptr
func frame() uintptr
func register() uintptr
func jump(pc, sp, bp, g, number, a, b, c uintptr)
func sigreturn(frame uintptr)
func call(pc uintptr) uintptr
func handlers() (handler, restorer uintptr)
func handler()
func restorer()
func patched()
func patchedAddress() uintptr
func threadStart() uintptr

var (
	name    = []byte("new\x00")
	path    = uintptr(unsafe.Pointer(&name[0])) // for the handler and for data that is executed
	handled uintptr
)

// Attacks are known by name. Each makes a file "new", or runs a program.
var Attacks = map[string]func() error{
	"open": open,
	"openat": func() error {
		return result(here(syscall.SYS_OPENAT, cwd, path, syscall.O_CREAT|syscall.O_WRONLY, 0o644))
	},
	"creat":         func() error { return result(here(syscall.SYS_CREAT, path, 0o644, 0, 0)) },
	"frame-zero":    func() error { return result(hereWithFrame(0, syscall.SYS_CREAT, path, 0o644, 0)) },
	"frame-forged":  func() error { return result(hereWithFrame(mainFrame("main.main"), syscall.SYS_CREAT, path, 0o644, 0)) },
	"stack-heap":    stackHeap,
	"thread":        ownThread,
	"g-zero-page":   func() error { return result(hereOnStack(0, 8, syscall.SYS_CREAT, path, 0o644, 0)) },
	"g-main":        gMain,
	"g-forged":      gForged,
	"g-forged-m":    gForgedM,
	"g0":            gZero,
	"int80":         int80Creat,
	"x32":           func() error { return result(here(syscall.SYS_CREAT|1<<30, path, 0o644, 0, 0)) },
	"vanish":        func() error { Vanish("main.main"); return nil },
	"return-heap":   returnHeap,
	"return-middle": returnMiddle,
	"gadget":        gadget,
	"agreeing":      agreeing,
	"g0-thread":     threadStack,
	"sigreturn":     sigreturnLeaf,
	"handler":       func() error { return signalHandler(false) },
	"altstack":      func() error { return signalHandler(true) },
	"exec-mmap":     execMmap,
	"exec-mprotect": execMprotect,
	"exec-pkey":     execPkey,
	"exec-memfd":    execMemfd,
	"exec-shm":      execShm,
	"exec-persona":  execPersonality,
	"text-mprotect": textMprotect,
	"text-mem":      textMem,
	"text-mremap":   textMremap,
}

const cwd = ^uintptr(99) // AT_FDCWD

func result(r uintptr) error {
	if r > ^uintptr(4095) {
		return syscall.Errno(-r)
	}
	return nil
}

func word(address uintptr) *uintptr {
	return *(**uintptr)(unsafe.Pointer(&address))
}

// open reads the secret, from the instruction in this module to the output.
func open() error {
	file := []byte("secret\x00")
	fd := here(syscall.SYS_OPEN, uintptr(unsafe.Pointer(&file[0])), syscall.O_RDONLY, 0, 0)
	if err := result(fd); err != nil {
		return err
	}
	buffer := make([]byte, 100)
	n, err := syscall.Read(int(fd), buffer)
	os.Stdout.Write(buffer[:n])
	return err
}

// --- others' code ---

func functionAt(pc uintptr) string {
	if f := runtime.FuncForPC(pc); f != nil {
		return f.Name()
	}
	return ""
}

// mainFrame is where the frame pointer of the innermost function called by that of main's stands: behind it is the return address.
func mainFrame(caller string) uintptr {
	for fp := frame(); fp != 0; fp = *word(fp) {
		if functionAt(*word(fp + 8)) == caller {
			return fp
		}
	}
	panic("no frame of " + caller)
}

func text(pc uintptr) []byte {
	var slice []byte
	header := (*reflect.SliceHeader)(unsafe.Pointer(&slice))
	header.Data, header.Len, header.Cap = pc, 4096, 4096
	return slice
}

// called finds the function of that name which f calls, and the address behind the call.
func called(f uintptr, suffix string) (entry, behind uintptr) {
	code := text(f)
	for i := range code[:4000] {
		if code[i] != 0xe8 {
			continue
		}
		behind = f + uintptr(i) + 5
		entry = behind + uintptr(*(*int32)(unsafe.Pointer(&code[i+1])))
		if g := runtime.FuncForPC(entry); g != nil && g.Entry() == entry && strings.HasSuffix(g.Name(), suffix) {
			return entry, behind
		}
	}
	panic("no call of " + suffix)
}

// kernelEntry is where the standard library enters the kernel: a SYSCALL instruction in a function without a frame.
func kernelEntry() uintptr {
	entry := reflect.ValueOf(syscall.RawSyscall6).Pointer()
	if !strings.Contains(string(text(entry)[:64]), "\x0f\x05") {
		entry, _ = called(entry, "Syscall6")
	}
	return entry + uintptr(strings.Index(string(text(entry)[:200]), "\x0f\x05"))
}

// Vanish makes the call as if the function of main had made it, and goes on there as if this module had returned.
func Vanish(caller string) {
	fp := mainFrame(caller)
	jump(kernelEntry(), fp+8, *word(fp), 0, syscall.SYS_CREAT, path, 0o644, 0)
}

// heapStack has the address of a stack in ordinary memory, with a forged chain that ends at goexit.
func heapStack(top uintptr) uintptr {
	fp := mainFrame("main.main")
	mainReturn := *word(fp + 8)
	stack := make([]uintptr, 512)
	keep = append(keep, stack)
	for i := range stack {
		stack[i] = mainReturn
	}
	stack[100] = top
	return uintptr(unsafe.Pointer(&stack[100]))
}

var keep [][]uintptr

func stackHeap() error {
	return result(hereOnStack(heapStack(*word(mainFrame("main.main") + 8)), 0, syscall.SYS_CREAT, path, 0o644, 0))
}

// returnHeap calls from the standard library's instruction, with a stack in ordinary memory that names main only.
func returnHeap() error {
	jump(kernelEntry(), heapStack(*word(mainFrame("main.main") + 8)), 0, 0, syscall.SYS_CREAT, path, 0o644, 0)
	return nil
}

// returnMiddle returns into the middle of main's function, where nothing is called.
func returnMiddle() error {
	fp := mainFrame("main.main")
	*word(fp + 8) += 1
	jump(kernelEntry(), fp+8, *word(fp), 0, syscall.SYS_CREAT, path, 0o644, 0)
	return nil
}

// indirect finds what is behind a call through a register in f.
func indirect(f uintptr) uintptr {
	code := text(f)
	for i := range code[:4000] {
		behind := f + uintptr(i) + 2
		if code[i] == 0xff && code[i+1]&^7 == 0xd0 && runtime.FuncForPC(behind) == runtime.FuncForPC(f) {
			return behind
		}
	}
	panic("no call through a register")
}

// frameBytes is how far f's return address stands above its stack pointer.
func frameBytes(f uintptr) uintptr {
	code := string(text(f)[:64])
	bytes := uintptr(0)
	if at := strings.Index(code, "\x48\x83\xec"); at >= 0 {
		bytes = uintptr(code[at+3])
	} else if at := strings.Index(code, "\x48\x81\xec"); at >= 0 {
		bytes = uintptr(code[at+3]) | uintptr(code[at+4])<<8
	}
	if strings.Contains(code, "\x55\x48\x89\xe5") {
		bytes += 8
	}
	return bytes
}

// agreeing returns to where main has called through a register: nothing in memory says that it called something else.
func agreeing() error {
	fp := mainFrame("main.main")
	*word(fp + 8) = indirect(runtime.FuncForPC(*word(fp + 8)).Entry())
	jump(kernelEntry(), fp+8, *word(fp), 0, syscall.SYS_CREAT, path, 0o644, 0)
	return nil
}

// threadStack says that main's function runs on the scheduler's stack, as what a new thread starts with.
func threadStack() error {
	fp := mainFrame("main.main")
	mainEntry := runtime.FuncForPC(*word(fp + 8)).Entry()
	wrapper, behindWrapper := called(threadStart(), "runtime.mstart0")
	first := leadsTo(wrapper)
	second, behindSecond := called(first, "runtime.mstart1")
	stack := make([]uintptr, 512)
	keep = append(keep, stack)
	at := uintptr(unsafe.Pointer(&stack[100]))
	*word(at) = indirect(mainEntry)
	next := at + 8 + frameBytes(mainEntry)
	*word(next) = indirect(second)
	next += 8 + frameBytes(second)
	*word(next) = behindSecond
	next += 8 + frameBytes(first)
	*word(next) = behindWrapper
	m := *word(register() + 48)
	jump(kernelEntry(), at, 0, *word(m), syscall.SYS_CREAT, path, 0o644, 0)
	return nil
}

// leadsTo is where a wrapper jumps, or the function itself where it is none.
func leadsTo(f uintptr) uintptr {
	code := text(f)
	for i := range code[:16] {
		target := f + uintptr(i) + 5 + uintptr(*(*int32)(unsafe.Pointer(&code[i+1])))
		if g := runtime.FuncForPC(target); code[i] == 0xe9 && g != nil && g.Entry() == target {
			return target
		}
	}
	return f
}

var tried bool

// gadget jumps into the middle of an instruction of main's, and comes back as if main had called that function.
func gadget() error {
	if tried {
		return nil
	}
	tried = true
	fp := mainFrame("main.main")
	checksum, behind := called(runtime.FuncForPC(*word(fp + 8)).Entry(), "main.checksum")
	at := strings.Index(string(text(checksum)[:64]), "\x0f\x05\xc3")
	*word(fp + 8) = behind
	jump(checksum+uintptr(at), fp+8, *word(fp), 0, syscall.SYS_CREAT, path, 0o644, 0)
	return nil
}

// sigreturnLeaf has the kernel set all registers, as if from a signal.
func sigreturnLeaf() error {
	fp := mainFrame("main.main")
	selectors := uintptr(0x33) | 0x2b<<48
	state := make([]uintptr, 128)
	keep = append(keep, state)
	context := state[64:]
	const r14, rdi, rsi, rbp, rdx, rax, rsp, rip, eflags, segments = 11, 13, 14, 15, 17, 18, 20, 21, 22, 23
	context[r14], context[rdi], context[rsi], context[rbp] = register(), path, 0o644, *word(fp)
	context[rdx], context[rax], context[rsp], context[rip] = 0, syscall.SYS_CREAT, fp+8, kernelEntry()
	context[eflags], context[segments] = 0x202, selectors
	sigreturn(uintptr(unsafe.Pointer(&context[0])))
	return nil
}

// --- others' goroutines ---

// ownThread makes a thread with exactly the flags of the runtime's; it ends by itself.
func ownThread() error {
	const flags = syscall.CLONE_VM | syscall.CLONE_FS | syscall.CLONE_FILES | syscall.CLONE_SIGHAND | syscall.CLONE_THREAD | syscall.CLONE_SYSVSEM
	stack := make([]uintptr, 512)
	keep = append(keep, stack)
	tid := thread(uintptr(unsafe.Pointer(&stack[500])), flags)
	if err := result(tid); err != nil {
		return err
	}
	for {
		if _, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", tid)); err != nil {
			return nil // it has ended
		}
		time.Sleep(time.Millisecond)
	}
}

var mainG = register() // package initialisation runs on the main goroutine

func elsewhere(f func() error) error {
	done := make(chan error)
	go func() { done <- f() }()
	return <-done
}

// gMain is another goroutine than main's, and says that it is main's.
func gMain() error {
	return elsewhere(func() error { return result(hereOnStack(0, mainG, syscall.SYS_CREAT, path, 0o644, 0)) })
}

func copyOf(address uintptr, words int) []uintptr {
	copied := make([]uintptr, words)
	for i := range copied {
		copied[i] = *word(address + uintptr(i)*8)
	}
	keep = append(keep, copied)
	return copied
}

// gForged has a copy of g whose stack is in ordinary memory.
func gForged() error {
	g, stack := copyOf(register(), 50), heapStack(*word(mainFrame("main.main") + 8))
	g[0], g[1] = stack-512, stack+1024
	return result(hereOnStack(stack, uintptr(unsafe.Pointer(&g[0])), syscall.SYS_CREAT, path, 0o644, 0))
}

// gForgedM has a copy of m, too, whose goroutine is that copy; the call is the standard library's instruction.
func gForgedM() error {
	real, stack := register(), heapStack(*word(mainFrame("main.main") + 8))
	g := copyOf(real, 50)
	m := copyOf(g[6], 40)
	fake := uintptr(unsafe.Pointer(&g[0]))
	for i := range m {
		if m[i] == real {
			m[i] = fake
		}
	}
	g[0], g[1], g[6] = stack-512, stack+1024, uintptr(unsafe.Pointer(&m[0]))
	jump(kernelEntry(), stack, 0, fake, syscall.SYS_CREAT, path, 0o644, 0)
	return nil
}

// gZero says that the scheduler's stack is in use, whose bounds are not exact.
func gZero() error {
	m := *word(register() + 48)
	return result(hereOnStack(0, *word(m), syscall.SYS_CREAT, path, 0o644, 0))
}

// --- other entries to the kernel ---

func int80Creat() error {
	const mmap32Bit = 0x40
	low, _, number := syscall.RawSyscall6(syscall.SYS_MMAP, 0, 4096, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE|mmap32Bit, ^uintptr(0), 0)
	if number != 0 {
		return number
	}
	copy(text(low), name)
	return result(uintptr(int(int32(int80(8, low, 0o644, 0)))))
}

// --- signals ---

// signalHandler has a handler of its own called by a signal that the program may send itself.
func signalHandler(alternate bool) error {
	const onStack, restorerFlag, sigURG = 0x08000000, 0x04000000, 23
	runtime.LockOSThread()
	if alternate {
		stack := make([]uintptr, 8192)
		keep = append(keep, stack)
		value := [3]uintptr{uintptr(unsafe.Pointer(&stack[0])), 0, 65536}
		if _, _, number := syscall.RawSyscall(syscall.SYS_SIGALTSTACK, uintptr(unsafe.Pointer(&value)), 0, 0); number != 0 {
			return number
		}
	}
	var old [4]uintptr
	handler, restorer := handlers()
	action := [4]uintptr{handler, onStack | restorerFlag, restorer, ^uintptr(0)}
	if _, _, number := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, sigURG, uintptr(unsafe.Pointer(&action)),
		uintptr(unsafe.Pointer(&old)), 8, 0, 0); number != 0 {
		return number
	}
	syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(syscall.Getpid()), uintptr(syscall.Gettid()), sigURG)
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, sigURG, uintptr(unsafe.Pointer(&old)), 0, 8, 0, 0)
	return result(handled)
}
