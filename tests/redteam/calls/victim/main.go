// SPDX-License-Identifier: Apache-2.0

// Command app does honest work, and has WHO (evil, which is confined; friend, a dependency that is not; own, a package of the main
// module) make system calls by WAY: direct, goroutine or inlined. Each line of the input is a case: what the program itself
// prepares, and the call. It says when it is ready, waits for a line, has the call made, says what came of it, and clears up.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// hosts leads to WHO, each by its own host.go.
var hosts = map[string]func(way string, spawn bool, call [7]uintptr) (uintptr, syscall.Errno){}

// aCase is one line: a directory to work in, calls of the program itself, and the call that WHO makes.
type aCase struct {
	Directory string
	Prepare   []aCall
	Call      aCall
	Spawn     bool
}

type aCall struct {
	Number    uintptr
	Arguments []argument
}

// argument is a number, a string, the result of what was prepared, or memory: bytes, or the values of other arguments. Memory
// that has a name is the same wherever it is named; with Load, what stands there at the offset Number counts, of that size.
type argument struct {
	Number int64
	Text   *string
	Result *int
	Memory []part
	Name   string
	Load   int
}

type part struct {
	Bytes string // hexadecimal
	Value *argument
	Size  int // of the value: 4 or 8
}

// memory of a case, which stays where it is.
type memory struct {
	held    [][]uint64
	named   map[string][]byte
	order   []string
	results []uintptr
}

func (m *memory) allocate(size int) []byte {
	words := make([]uint64, size/8+1)
	m.held = append(m.held, words)
	return (*[1 << 20]byte)(unsafe.Pointer(&words[0]))[:size:size]
}

func (m *memory) value(a argument) uintptr {
	switch {
	case a.Text != nil:
		bytes := m.allocate(len(*a.Text) + 1)
		copy(bytes, *a.Text)
		return uintptr(unsafe.Pointer(&bytes[0]))
	case a.Result != nil:
		return m.results[*a.Result]
	case a.Load != 0:
		value := uintptr(0)
		copy((*[8]byte)(unsafe.Pointer(&value))[:a.Load], m.named[a.Name][a.Number:])
		return value
	case a.Name != "" && m.named[a.Name] != nil:
		return uintptr(unsafe.Pointer(&m.named[a.Name][0]))
	case a.Memory != nil:
		bytes := m.fill(a.Memory)
		if a.Name != "" {
			m.named[a.Name] = bytes
			m.order = append(m.order, a.Name)
		}
		return uintptr(unsafe.Pointer(&bytes[0]))
	}
	return uintptr(a.Number)
}

func (m *memory) fill(parts []part) []byte {
	filled := []byte{}
	for _, p := range parts {
		if p.Value == nil {
			bytes, err := hex.DecodeString(p.Bytes)
			check(err)
			filled = append(filled, bytes...)
			continue
		}
		value := m.value(*p.Value)
		filled = append(filled, (*[8]byte)(unsafe.Pointer(&value))[:p.Size]...)
	}
	bytes := m.allocate(len(filled))
	copy(bytes, filled)
	return bytes
}

func (m *memory) call(c aCall) [7]uintptr {
	call := [7]uintptr{c.Number}
	for i, a := range c.Arguments {
		call[i+1] = m.value(a)
	}
	return call
}

// contents is what the named memory holds.
func (m *memory) contents() string {
	text := ""
	for _, name := range m.order {
		text += hex.EncodeToString(m.named[name]) + "."
	}
	return text
}

// descriptors that are open: the lowest that are not.
func descriptors() map[int]bool {
	open := map[int]bool{}
	for fd := 0; fd < 64; fd++ {
		if _, _, number := syscall.RawSyscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0); number == 0 {
			open[fd] = true
		}
	}
	return open
}

func try(who, way string, one aCase, input *bufio.Reader) {
	check(os.Chdir(one.Directory))
	before := descriptors()
	m := &memory{named: map[string][]byte{}}
	for i, prepare := range one.Prepare {
		c := m.call(prepare)
		result, _, number := syscall.RawSyscall6(c[0], c[1], c[2], c[3], c[4], c[5], c[6])
		if number != 0 {
			fmt.Printf("unable: %d: %v\n", i, number)
		}
		m.results = append(m.results, result)
	}
	call := m.call(one.Call)
	fmt.Printf("ready %s\n", m.contents())
	_, err := input.ReadString('\n')
	check(err)
	result, number := hosts[who](way, one.Spawn, call)
	if one.Spawn && number == 0 {
		_, _ = syscall.Wait4(int(result), nil, 0x40000000, nil) // __WALL
	}
	fmt.Printf("did %d %s.\n", int(number), m.contents())
	_, err = input.ReadString('\n')
	check(err)
	for fd := range descriptors() {
		if !before[fd] {
			_ = syscall.Close(fd)
		}
	}
}

func main() {
	if len(os.Args) != 3 || hosts[os.Args[1]] == nil {
		fail("usage: app WHO WAY <CASES")
	}
	config, err := os.ReadFile("config")
	check(err)
	fmt.Println("pid", os.Getpid())
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil || len(line) < 2 {
			break
		}
		one := aCase{}
		check(json.Unmarshal(line, &one))
		try(os.Args[1], os.Args[2], one, input)
	}
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	os.Stderr.WriteString("app: " + message + "\n")
	os.Exit(1)
}
