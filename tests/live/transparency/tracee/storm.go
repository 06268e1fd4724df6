// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"example.com/idle"
)

// profile: a CPU profile of busy work has samples (SIGPROF arrives).
func profile([]string) {
	var idle, busy bytes.Buffer
	check(pprof.StartCPUProfile(&idle))
	pprof.StopCPUProfile()
	check(pprof.StartCPUProfile(&busy))
	deadline := time.Now().Add(500 * time.Millisecond)
	sum := 0
	for time.Now().Before(deadline) {
		for i := 0; i < 1000000; i++ {
			sum += i * i
		}
	}
	pprof.StopCPUProfile()
	fmt.Println("profile", busy.Len() > idle.Len()+50, sum != 1)
}

// files GOROUTINES ROUNDS: each writes and reads files of its own.
func files(args []string) {
	dir, err := os.MkdirTemp("", "tracee")
	check(err)
	defer os.RemoveAll(dir)
	var group sync.WaitGroup
	for i := 0; i < number(args[0]); i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			for round := 0; round < number(args[1]); round++ {
				name := filepath.Join(dir, fmt.Sprint(i, "-", round))
				check(os.WriteFile(name, []byte(name), 0o600))
				content, err := os.ReadFile(name)
				check(err)
				if string(content) != name {
					os.Exit(4)
				}
				check(os.Remove(name))
			}
		}(i)
	}
	group.Wait()
	fmt.Println("files done")
}

// threads COUNT: that many threads end, one after the other or side by side.
func threads(args []string) {
	total := number(args[0])
	for done := 0; done < total; done += 50 {
		var group sync.WaitGroup
		for i := 0; i < 50; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
				file, err := os.Open(os.DevNull)
				check(err)
				file.Close()
			}()
		}
		group.Wait()
	}
	fmt.Println("threads done")
}

// chain COUNT PID: executes itself, from a thread that is not the leader, while other threads make calls that stop, some of which are
// decided with all others held. With TOUCH in the environment, the last image does what its confined module may not.
func chain(args []string) {
	left, pid := number(args[0]), number(args[1])
	if pid == 0 {
		pid = os.Getpid()
	}
	if left == 0 {
		if os.Getenv("TOUCH") != "" {
			_ = idle.Touch(os.DevNull)
		}
		fmt.Println("chain done", os.Getpid() == pid)
		return
	}
	for i := 0; i < 4; i++ {
		go func() {
			for {
				if file, err := os.Open(os.DevNull); err == nil {
					file.Close()
				}
			}
		}()
	}
	_, _ = time.Now().Zone() // reads the local time, for which jail holds the other threads
	failed := make(chan error)
	go execFromThread(failed, left-1, pid)
	check(<-failed)
}

func execFromThread(failed chan error, left, pid int) {
	runtime.LockOSThread()
	if syscall.Gettid() == os.Getpid() { // keeps the leader busy: the next one gets another thread
		go execFromThread(failed, left, pid)
		select {}
	}
	self, err := os.Executable()
	check(err)
	failed <- syscall.Exec(self, []string{self, "chain", strconv.Itoa(left), strconv.Itoa(pid)}, os.Environ())
}

// leave HOW CODE: when it is told to, exits from a thread that is not the first one; "with": while the first one lives, else when that
// has ended.
func leave(args []string) {
	runtime.LockOSThread()
	if syscall.Gettid() != os.Getpid() { // keeps this thread busy: the next one is another
		go leave(args)
		select {}
	}
	go func() {
		runtime.LockOSThread()
		for args[0] != "with" {
			status, err := os.ReadFile("/proc/self/task/" + strconv.Itoa(os.Getpid()) + "/stat")
			check(err)
			if strings.Contains(string(status), ") Z ") {
				break
			}
		}
		fmt.Println("ready")
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(number(args[1]))
	}()
	if args[0] != "with" {
		syscall.RawSyscall(syscall.SYS_EXIT, 0, 0, 0)
	}
	select {}
}

// spawn COUNT PROGRAM ARGS: runs a program that often, 16 at a time (Go makes children by vfork).
func spawn(args []string) {
	var group sync.WaitGroup
	slots := make(chan bool, 16)
	for i := 0; i < number(args[0]); i++ {
		group.Add(1)
		slots <- true
		go func() {
			defer group.Done()
			check(exec.Command(args[1], args[2:]...).Run())
			<-slots
		}()
	}
	group.Wait()
	fmt.Println("spawn done")
}

// deaths COUNT [WORK]: starts busy copies of itself, or some that do WORK, and kills each at a random moment.
func deaths(args []string) {
	self, err := os.Executable()
	check(err)
	fmt.Println("ready")
	works := busyWorks
	if len(args) > 1 {
		works = [][]string{args[1:]}
	}
	killBusyCopies(self, number(args[0]), works)
	fmt.Println("deaths done")
}

// daemon MILLISECONDS FILE: leaves a child behind, in a session of its own and without its descriptors.
func daemon(args []string) {
	self, err := os.Executable()
	check(err)
	child := exec.Command(self, append([]string{"nap"}, args...)...)
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	check(child.Start())
	fmt.Println("daemon started")
}
