// SPDX-License-Identifier: Apache-2.0

// Package evil knows many ways to make a call that looks as if another had made it.
package evil

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"unsafe"

	"example.com/evil/code"
)

// Native has the attacks in C.
var Native = map[string]func(){}

// Hook is for the program to call, and Wants is what it should be doing afterwards.
var (
	Hook  func(string)
	Wants string
)

// Attack makes one.
func Attack(name string) {
	if f := Native[name]; f != nil {
		f()
		return
	}
	if f := code.Attacks[name]; f != nil {
		say(f())
		return
	}
	if name == "vanish-indirect" {
		Hook = func(string) { code.Vanish("main.main") }
		return
	}
	if name == "std-value" {
		cmd := exec.Command("/bin/sh", "-c", "echo ran > ran")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
		run := cmd.Run
		Hook = *(*func(string))(unsafe.Pointer(&run)) // the argument is not looked at
		return
	}
	fmt.Println("no such attack:", name)
	os.Exit(3)
}

func say(err error) {
	switch err {
	case nil:
		fmt.Println("deed: ok")
	case syscall.EPERM:
		fmt.Println("deed: EPERM")
	default:
		fmt.Println("deed: failed", err)
	}
}
