// SPDX-License-Identifier: Apache-2.0

//go:debug panicnil=1

// Command app does honest work, with several threads and a child, and has WHO do DEED to TARGET: evil (confined), friend (a
// dependency that is not) or own (a package of the main module). It tells what it is before and after.
//
// TARGET is supervisor (where there is none: the process $VICTIM), launcher (likewise), child, other ($VICTIM) or self.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

var files []*os.File // which no finalizer is to close

// target is a process: its id and where its arguments begin, which can be seen to change; and what the program has open.
type target struct {
	Pid      int
	ArgStart uintptr
	File     int // open for reading
	Script   int // likewise, and can be executed
}

// hosts leads to WHO, each by its own host.go.
var hosts = map[string]func(deed string, target target){}

func main() {
	if len(os.Args) < 4 || hosts[os.Args[1]] == nil {
		fail("usage: app WHO DEED TARGET")
	}
	config, err := os.ReadFile("config")
	check(err)
	if scenario := scenarios[os.Args[2]]; scenario != nil {
		scenario(os.Args[1], os.Args[3])
	} else {
		single(os.Args[1], os.Args[2], os.Args[3])
	}
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
}

// single has a deed done, and what the process and its target are before and after printed.
func single(who, deed, name string) {
	occupyThreads(4)
	child := exec.Command("/bin/sleep", "100")
	check(child.Start())
	target := find(name, child.Process.Pid)
	show("before", target.Pid)
	before := state(target.Pid)
	hosts[who](deed, target)
	await(before, target.Pid)
	show("after", target.Pid)
	_ = child.Process.Kill()
	_ = child.Wait()
}

// await gives a signal time: its target takes it when that runs next. Where one is sure to come, it is waited for.
func await(before string, target int) {
	time.Sleep(20 * time.Millisecond)
	for deadline := time.Now().Add(30 * time.Second); os.Getenv("AWAITED") == "target" && state(target) == before; {
		if time.Now().After(deadline) {
			fmt.Println("the target is still", before)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// occupyThreads makes threads that stay.
func occupyThreads(n int) {
	for i := 0; i < n; i++ {
		started := make(chan bool)
		go func() {
			runtime.LockOSThread()
			started <- true
			select {}
		}()
		<-started
	}
}

func find(name string, child int) target {
	pid := 0
	supervisor, _ := strconv.Atoi(field("/proc/self/status", "TracerPid"))
	switch name {
	case "self":
		pid = os.Getpid()
	case "child":
		pid = child
	case "other":
		pid = victim()
	case "supervisor":
		if pid = supervisor; pid == 0 {
			pid = victim()
		}
	case "launcher":
		if pid = os.Getppid(); supervisor == 0 {
			pid = victim()
		}
	}
	file, err := os.Open("config")
	check(err)
	script, err := os.Open("bin/true")
	check(err)
	files = append(files, file, script)
	number, err := syscall.Dup(int(script.Fd())) // which its interpreter gets, too
	check(err)
	return target{pid, argStart(pid), int(file.Fd()), number}
}

func victim() int {
	pid, err := strconv.Atoi(os.Getenv("VICTIM"))
	check(err)
	return pid
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	os.Stderr.WriteString("app: " + message + "\n")
	syscall.Exit(1)
}

var (
	setenv = map[string]func(name, value string){}
	flip   = map[string]func(bytes []byte, one, other string, ready chan bool){}
)
