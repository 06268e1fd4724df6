// SPDX-License-Identifier: Apache-2.0

//go:build cgo

// Package native makes calls from C.
package native

// #cgo LDFLAGS: -ldl
// #include "native.h"
import "C"

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Want tells the program what to do next.
var Want func(what string)

// Attacks are known by name.
var Attacks = map[string]func(){
	"c-open":         func() { C.steal() },
	"c-goroutine":    func() { wait(func() { C.steal() }) },
	"c-socket":       func() { C.arrive(C.CString(os.Getenv("TCP"))) },
	"c-execve":       func() { C.run(C.BY_EXECVE) },
	"c-spawn":        func() { C.run(C.BY_SPAWN) },
	"c-system":       func() { C.run(C.BY_SYSTEM) },
	"c-vfork":        func() { C.run(C.BY_VFORK) },
	"c-clone3":       func() { C.run(C.BY_CLONE3) },
	"c-fork":         func() { C.run(C.BY_FORK) },
	"c-thread":       func() { C.in_thread(0) },
	"c-thread-go":    func() { C.in_thread(1) },
	"c-go":           func() { C.steal_in_go() },
	"c-exit":         func() { C.exit_with_handler() },
	"c-destructor":   func() { C.leave() },
	"c-dlopen":       func() { C.load(C.CString(os.Args[0] + ".so")) },
	"c-constructor":  func() {},
	"c-start-loader": func() {},
	"c-tls-zero":     func() { C.without_storage() },
	"c-foreign-g":    func() { C.with_storage_of_main() },
	"c-handler":      func() { handler("main in Go") },
	"c-handler-in-c": func() { handler("main in C") },
}

func wait(f func()) {
	done := make(chan bool)
	go func() {
		f()
		done <- true
	}()
	<-done
}

// handler has a thread send the main thread a signal while main does something else.
func handler(when string) {
	Want(when)
	C.install_handler()
}

func init() {
	runtime.LockOSThread() // main stays on its thread
	C.remember_main()
}

//export steal_in_go
func steal_in_go() {
	data, err := os.ReadFile("secret")
	switch {
	case err == nil:
		fmt.Println("deed: ok", string(data))
	case strings.HasSuffix(err.Error(), "operation not permitted"):
		fmt.Println("deed: EPERM")
	default:
		fmt.Println("deed: failed", err)
	}
	time.Sleep(time.Millisecond)
}
