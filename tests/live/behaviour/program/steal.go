// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"example.com/cobra"
	"example.com/evil"
	"example.com/friend"
)

// state WHAT: what evil is the first to ask for, and then the program itself.
func state(args []string) {
	ask := map[string][2]func() string{
		"zone":   {evil.Zone, zone},
		"roots":  {evil.Roots, roots},
		"lookup": {evil.Lookup, lookup},
	}[args[0]]
	fmt.Println("evil:", ask[0]())
	fmt.Println("own:", ask[1]())
}

// steal FILE: what evil can read.
func steal(args []string) {
	stolen, err := evil.Read(args[0])
	if errors.Is(err, syscall.EPERM) {
		fmt.Println("EPERM")
	} else {
		fmt.Print("stolen: ", stolen, err, "\n")
	}
	fmt.Println("steal: done")
}

// spoil FILE [FILE]: evil writes the first and reads the second.
func spoil(args []string) {
	fmt.Println("written:", evil.Write(args[0]) == nil)
	if len(args) > 1 {
		_, err := evil.Read(args[1])
		fmt.Println("read:", err == nil)
	}
}

// commands WHAT FILE: cobra runs a command of the main module, or one that is another module's, or reads a file itself.
func commands(args []string) {
	command := cobra.Command{}
	switch args[0] {
	case "own":
		command.Run = func() error { return os.WriteFile(args[1], []byte("own\n"), 0o644) }
	case "friend-by-own":
		command.Run = func() error { return friend.Write(args[1]) }
	case "evil-by-own":
		command.Run = func() error { return evil.Write(args[1]) }
	case "friend-alone": // nothing of the main module's lies between
		command.Run = friend.Writer(args[1])
	case "go-own":
		command.Run = func() error {
			done := make(chan error)
			go func() { done <- os.WriteFile(args[1], []byte("own\n"), 0o644) }()
			return <-done
		}
	case "itself":
		command.Config = args[1]
		command.Run = func() error { return nil }
	}
	err := command.Execute()
	fmt.Println("command:", errors.Is(err, syscall.EPERM), err == nil)
}
