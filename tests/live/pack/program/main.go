// SPDX-License-Identifier: Apache-2.0

// A program to pack: app WHO DEED [ARGUMENT...]; WHO is own, evil (confined) or friend.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"example.com/evil"
	"example.com/friend"
)

// start runs a program to its end, with this one's streams.
func start(path string, args ...string) {
	command := exec.Command(path, args...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := command.Run()
	fmt.Println("child:", command.ProcessState, err)
}

func own(deed string, args []string) {
	switch deed {
	case "read":
		data, err := os.ReadFile(os.Getenv("SECRET"))
		fmt.Printf("read: %s %v\n", data, err)
	case "start": // PATH ARGUMENT...
		start(args[0], args[1:]...)
	case "self": // WAY ARGUMENT...: itself again
		start(self(args[0]), args[1:]...)
	case "become": // WAY ARGUMENT...: itself again, in its own place
		path := self(args[0])
		fmt.Println("become:", syscall.Exec(path, append([]string{path}, args[1:]...), os.Environ()))
	case "replace": // PATH ARGUMENT...: a program in its own place
		fmt.Println("replace:", syscall.Exec(args[0], args, os.Environ()))
	case "where":
		path, err := os.Executable()
		link, _ := os.Readlink("/proc/self/exe")
		fmt.Println("where:", path, err, link, os.Args[0])
	case "godebug":
		count := 0
		for _, variable := range os.Environ() {
			if strings.HasPrefix(variable, "GODEBUG=") {
				count++
			}
		}
		fmt.Printf("GODEBUG: %d %q of %d, %s\n", count, os.Getenv("GODEBUG"), len(os.Environ()), os.Getenv("LAST"))
	case "wait": // until standard input ends
		_, err := io.Copy(io.Discard, os.Stdin)
		fmt.Println("wait:", err)
	case "exit":
		os.Exit(42)
	default:
		fmt.Println("unknown deed", deed)
	}
}

func self(way string) string {
	switch way {
	case "executable":
		path, _ := os.Executable()
		return path
	case "arg0":
		return os.Args[0]
	}
	return "/proc/self/exe"
}

func main() {
	switch os.Args[1] {
	case "evil":
		evil.Do(os.Args[2], os.Args[3:])
		if os.Args[2] == "env-self" || os.Args[2] == "plant-self" {
			start("/proc/self/exe", "evil", "read")
		}
	case "friend":
		friend.Do(os.Args[2])
	default:
		own(os.Args[2], os.Args[3:])
	}
	if _, err := os.ReadFile(os.Getenv("SECRET")); err != nil {
		fmt.Println("app:", err)
		os.Exit(1)
	}
	fmt.Println("app: all work done")
}
