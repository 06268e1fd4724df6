// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"unsafe"
)

// Scenarios take more than one call: WHO prepares, the program goes on.
var scenarios = map[string]func(who, argument string){
	"reexec":    reexec,
	"reexec-vs": reexecAfterSetenv,
	"steer":     steer,
	"race":      race,
	"flooded":   flooded,
	"kid":       kid,
	"hidden":    hidden,
	"trusted":   trusted,
}

// reexec executes the program again with GODEBUG as the argument says, words split at |, and there has WHO dial.
func reexec(who, argument string) {
	environment := []string{}
	for _, entry := range os.Environ() {
		if len(entry) < 8 || entry[:8] != "GODEBUG=" {
			environment = append(environment, entry)
		}
	}
	for argument != "none" && argument != "" {
		i := 0
		for i < len(argument) && argument[i] != '|' {
			i++
		}
		environment = append(environment, "GODEBUG="+argument[:i])
		if i == len(argument) {
			break
		}
		argument = argument[i+1:]
	}
	check(syscall.Exec("/proc/self/exe", []string{"other name", who, "http", "self"}, environment))
}

// reexecAfterSetenv does so with the environment as WHO leaves it.
func reexecAfterSetenv(who, _ string) {
	hosts[who]("setenv-debug", target{})
	check(syscall.Exec("/proc/self/exe", []string{"app", who, "http", "self"}, os.Environ()))
}

// steer has WHO change a variable, and starts a child that is steered by it.
func steer(who, variable string) {
	world := os.Getenv("WORLD")
	values := map[string]string{
		"PATH":       world + "/bin:" + os.Getenv("PATH"),
		"BASH_ENV":   world + "/bin/true",
		"ENV":        world + "/bin/true",
		"LD_PRELOAD": world + "/absent.so",
	}
	setenv[who](variable, values[variable])
	commands := map[string][]string{
		"PATH":       {"sh", "-c", "true; env true"},
		"BASH_ENV":   {"bash", "-c", "exit 0"},
		"ENV":        {"sh", "-i", "-c", "exit 0"},
		"LD_PRELOAD": {"true"},
	}
	words := commands[variable]
	command := exec.Command(words[0], words[1:]...)
	command.Stderr = os.Stdout
	err := command.Run()
	fmt.Println("child:", err)
}

// race executes a path that WHO rewrites meanwhile, to a program that is not of the policy, or its environment.
func race(who, what string) {
	path := append([]byte("/proc/self/exe"), make([]byte, 200)...)
	entry := append([]byte("PATX="+os.Getenv("WORLD")+"/bin"), 0)
	if what == "env" {
		path = append([]byte("/bin/sh"), 0)
	}
	argv := []*byte{&[]byte("sh\x00")[0], &[]byte("-c\x00")[0], &[]byte("hidden; exit 0\x00")[0], nil}
	if what == "path" {
		argv = []*byte{&[]byte("app\x00")[0], &[]byte(who + "\x00")[0], &[]byte("kid\x00")[0], &[]byte("x\x00")[0], nil}
	}
	envp := []*byte{&entry[0], &[]byte("WORLD=" + os.Getenv("WORLD") + "\x00")[0], nil}
	ready := make(chan bool)
	if what == "env" {
		go flip[who](entry[3:4], "X", "H", ready)
	} else {
		go flip[who](path, "/proc/self/exe\x00", os.Getenv("WORLD")+"/x\x00", ready)
	}
	<-ready
	for i := 0; i < 200; i++ {
		_, _, errno := syscall.RawSyscall(syscall.SYS_EXECVE, uintptr(unsafe.Pointer(&path[0])),
			uintptr(unsafe.Pointer(&argv[0])), uintptr(unsafe.Pointer(&envp[0])))
		if errno != syscall.EPERM && errno != syscall.ENOENT {
			fmt.Println("exec:", errno)
		}
	}
}

// kid is what the race executes where nothing was rewritten.
func kid(string, string) {
	fmt.Println("kid")
	os.Exit(0)
}

// hidden makes the program undumpable, which takes its memory from unprivileged eyes, and has WHO act then.
func hidden(who, deed string) {
	const setDumpable = 4
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, setDumpable, 0, 0); errno != 0 {
		check(errno)
	}
	single(who, deed, "self")
}

// trusted starts a child that is not of the policy.
func trusted(_, flags string) {
	child := exec.Command(os.Getenv("OTHER"), flags)
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	check(child.Run())
}

// flooded has WHO flood the supervisor, and tells how much memory that took.
func flooded(who, _ string) {
	supervisor, _ := strconv.Atoi(field("/proc/self/status", "TracerPid"))
	hosts[who]("flood", target{})
	if supervisor != 0 {
		fmt.Println("supervisor:", field(fmt.Sprintf("/proc/%d/status", supervisor), "VmHWM"))
	}
}
