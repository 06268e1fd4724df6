// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func init() {
	modes["churn"] = churn
	modes["soak"] = soak
	modes["lineages"] = lineages
}

func run(name string, args ...string) {
	output, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		fmt.Println("FAILED", args, err, string(output))
	}
}

// churn: a round of everything that comes and goes for each line of standard input. Processes of its own do it: what the supervisor
// remembers of goroutines is bounded, but goes with their process only.
func churn([]string) {
	self, err := os.Executable()
	check(err)
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		run(self, "files", "20", "5")
		run(self, "threads", "500")
		run(self, "spawn", "50", "/bin/true")
		run(self, "chain", "20", "0")
		killBusyCopies(self, 10, busyWorks)
		fmt.Println("round done")
	}
}

// What a busy copy does until it is killed.
var busyWorks = [][]string{
	{"ticker"},
	{"chain", "1000", "0"},
	{"spawn", "1000", "/bin/true"},
	{"threads", "1000000"},
	{"spawn", "1000", "/bin/sh", "-c", "(exit 1) | (exit 0)"},
	{"files", "50", "1000"},
}

// killBusyCopies: starts that many and kills each, with all that it started, at a random moment.
func killBusyCopies(self string, count int, works [][]string) {
	for i := 0; i < count; i++ {
		child := exec.Command(self, works[i%len(works)]...)
		child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		check(child.Start())
		time.Sleep(time.Duration(rand.Intn(30000)) * time.Microsecond)
		check(syscall.Kill(-child.Process.Pid, syscall.SIGKILL))
		_ = child.Wait()
		status := child.ProcessState.Sys().(syscall.WaitStatus)
		if !status.Signaled() || status.Signal() != syscall.SIGKILL {
			fmt.Println("FAILED child ended by itself:", child.ProcessState)
		}
	}
}

// stopAndContinue: a child that works is stopped and continued all the time, and comes to its end all the same.
func stopAndContinue(self string) {
	child := exec.Command(self, "files", "10", "20")
	check(child.Start())
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil {
				fmt.Println("FAILED stopped and continued:", err)
			}
			return
		default:
			_ = child.Process.Signal(syscall.SIGSTOP)
			time.Sleep(time.Duration(rand.Intn(2000)) * time.Microsecond)
			_ = child.Process.Signal(syscall.SIGCONT)
			time.Sleep(time.Duration(rand.Intn(2000)) * time.Microsecond)
		}
	}
}

// soak SECONDS: four at a time of everything.
func soak(args []string) {
	self, err := os.Executable()
	check(err)
	works := []func(){
		func() { run(self, "files", "50", "5") },
		func() { run(self, "threads", "500") },
		func() { run(self, "chain", strconv.Itoa(rand.Intn(100)), "0") },
		func() { run(self, "spawn", "100", "/bin/true") },
		func() {
			run(self, "spawn", "10", "/bin/sh", "-c", "for i in 1 2 3; do (exit 0) & done; wait; /bin/true | /bin/true")
		},
		func() { run(self, "nil") },
		func() { run(self, "reaper") },
		func() { killBusyCopies(self, 10, busyWorks) },
		func() { stopAndContinue(self) },
	}
	fmt.Println("ready")
	deadline := time.Now().Add(time.Duration(number(args[0])) * time.Second)
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for time.Now().Before(deadline) {
				works[rand.Intn(len(works))]()
			}
		}()
	}
	group.Wait()
	fmt.Println("soaked")
}

// generations is how many of a lineage the runtime remembers all: 64 ancestors are kept, and main is one.
const generations = 60

// lineages COUNT: that many goroutines with nearly the longest past that the runtime remembers, each of which makes a call that stops.
func lineages(args []string) {
	var group sync.WaitGroup
	for i := 0; i < number(args[0]); i++ {
		group.Add(1)
		descend(40, generations, &group)
		group.Wait()
	}
	fmt.Println("lineages done")
}

//go:noinline
func descend(frames, left int, group *sync.WaitGroup) {
	if frames > 0 {
		descend(frames-1, left, group)
		return
	}
	go func() {
		file, err := os.Open(os.DevNull)
		check(err)
		file.Close()
		if left == 0 {
			group.Done()
			return
		}
		descend(40, left-1, group)
	}()
}
