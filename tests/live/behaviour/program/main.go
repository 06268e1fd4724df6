// SPDX-License-Identifier: Apache-2.0

// Command app does one thing per mode; run.py compares a bare run with a jailed one.
package main

import (
	"fmt"
	"os"
	"strconv"
)

var modes = map[string]func(args []string){
	"exit":     func(args []string) { os.Exit(number(args[0])) },
	"panic":    func([]string) { panic("on purpose") },
	"die":      die,
	"pipe":     fillPipe,
	"signal":   onSignal,
	"hold":     hold,
	"nil":      recoverNil,
	"profile":  profile,
	"daemon":   daemon,
	"sleep":    sleep,
	"exec":     execWithPipes,
	"true":     execTrue,
	"reexec":   reexec,
	"reexeced": reexeced,
	"work":     work,
	"files":    files,
	"busy":     busy,
	"traced":   traced,
	"state":    state,
	"steal":    steal,
	"spoil":    spoil,
	"cobra":    commands,
}

func main() {
	if len(os.Args) < 2 || modes[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: app MODE [ARG]...")
		os.Exit(3)
	}
	modes[os.Args[1]](os.Args[2:])
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "app:", err)
		os.Exit(4)
	}
}
