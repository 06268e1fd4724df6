// SPDX-License-Identifier: Apache-2.0

// Command app does honest work, and has the module that it depends on attack.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"example.com/evil"
)

func main() {
	if len(os.Args) != 2 {
		fail("usage: app ATTACK")
	}
	config, err := os.ReadFile("config")
	check(err)
	if checksum(uint64(len(config))) == 0 {
		fail("no configuration")
	}
	if strings.HasPrefix(os.Args[1], "ancestry-") {
		attacked := make(chan bool)
		go func() {
			evil.Attack(os.Args[1])
			close(attacked)
		}()
		<-attacked
	} else {
		evil.Attack(os.Args[1])
	}
	if evil.Hook != nil {
		evil.Hook(os.Args[1])
	}
	if evil.Wants == "main in C" {
		sleepInC()
	} else if evil.Wants == "main in Go" {
		for start := time.Now(); time.Since(start) < 300*time.Millisecond; {
		}
	}
	directory, err := os.Getwd()
	check(err)
	fmt.Println("app: works in", directory)
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
}

var sleepInC = func() {}

// checksum has a constant whose bytes are those of SYSCALL and RET: the instructions that somebody finds who jumps into it.
//
//go:noinline
func checksum(n uint64) uint64 {
	return n ^ 0x00c3050f
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
