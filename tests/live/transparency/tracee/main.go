// SPDX-License-Identifier: Apache-2.0

// Tracee does one thing per mode, and says what it sees: run.py compares a bare run with runs under jail.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"example.com/idle"
)

var modes = map[string]func(args []string){
	"exit":     func(args []string) { os.Exit(number(args[0])) },
	"die":      die,
	"show":     show,
	"ids":      ids,
	"children": children,
	"close":    closing,
	"hold":     hold,
	"nil":      recoverNil,
	"profile":  profile,
	"files":    files,
	"threads":  threads,
	"chain":    chain,
	"leave":    leave,
	"spawn":    spawn,
	"deaths":   deaths,
	"daemon":   daemon,
	"nap":      nap,
	"ticker":   ticker,
	"terminal": terminal,
}

func main() {
	if len(os.Args) < 2 {
		_ = idle.Touch(os.DevNull)
		os.Exit(2)
	}
	mode, ok := modes[os.Args[1]]
	if !ok {
		fmt.Fprintln(os.Stderr, "no such mode:", os.Args[1])
		os.Exit(2)
	}
	mode(os.Args[2:])
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

// die NUMBER: by a signal that it sends to itself.
func die(args []string) {
	check(syscall.Kill(os.Getpid(), syscall.Signal(number(args[0]))))
	time.Sleep(2 * time.Second)
}

// show: what a program can see of how it was started.
func show(args []string) {
	fmt.Println("args", args, os.Args[0])
	environment := os.Environ()
	sort.Strings(environment)
	for _, entry := range environment {
		if !strings.HasPrefix(entry, "GODEBUG=") {
			fmt.Println("env", entry)
		}
	}
	for fd := 0; fd < 64; fd++ {
		var stat syscall.Stat_t
		if syscall.Fstat(fd, &stat) == nil {
			link, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
			fmt.Println("fd", fd, strings.SplitN(link, ":", 2)[0])
		}
	}
	status, err := os.ReadFile("/proc/self/status")
	check(err)
	for _, line := range strings.Split(string(status), "\n") {
		for _, name := range []string{"Name:", "Umask:", "SigBlk:", "SigIgn:", "SigCgt:", "ShdPnd:", "Groups:"} {
			if strings.HasPrefix(line, name) {
				fmt.Println(line)
			}
		}
	}
	wd, err := os.Getwd()
	check(err)
	executable, err := os.Executable()
	check(err)
	fmt.Println("wd", wd, "executable", executable)
}

// ids: where in the tree of processes it stands.
func ids([]string) {
	fmt.Println("ids", os.Getppid(), syscall.Getpgrp() == os.Getpid(), os.Getuid(), os.Geteuid())
}

// children: whom wait4(-1) finds.
func children([]string) {
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
	fmt.Println("wait4", pid > 0, err)
}

// close FD...: and then waits for a line.
func closing(args []string) {
	for _, arg := range args {
		check(syscall.Close(number(arg)))
	}
	fmt.Fprintln(os.Stderr, "closed")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}

// hold default|ignore|handle: until a line arrives on standard input, and then says which signals it got, and how often.
func hold(args []string) {
	var mutex sync.Mutex
	counts := map[string]int{}
	received := make(chan os.Signal, 100)
	switch args[0] {
	case "ignore":
		for number := syscall.Signal(1); number < 32; number++ {
			signal.Ignore(number)
		}
	case "handle":
		signal.Notify(received)
		go func() {
			for got := range received {
				number := got.(syscall.Signal)
				if number == syscall.SIGURG { // the runtime sends itself those
					continue
				}
				mutex.Lock()
				counts[strconv.Itoa(int(number))]++
				fmt.Println("heard")
				mutex.Unlock()
			}
		}()
	}
	fmt.Println("ready")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	mutex.Lock()
	fmt.Println("received", counts)
	os.Exit(7)
}

func recoverNil([]string) {
	for i := 0; i < 1000; i++ {
		func() {
			defer func() {
				if recover() == nil {
					os.Exit(1)
				}
			}()
			var pointer *int
			*pointer = 1
		}()
	}
	fmt.Println("recovered")
}

// nap MILLISECONDS FILE
func nap(args []string) {
	time.Sleep(time.Duration(number(args[0])) * time.Millisecond)
	check(os.WriteFile(args[1], []byte("woke up"), 0o600))
}

// ticker: works and makes calls that stop until it is killed.
func ticker([]string) {
	fmt.Println("ready")
	for {
		file, err := os.Open(os.DevNull)
		check(err)
		file.Close()
	}
}

// terminal: says who owns the terminal, then waits for lines.
func terminal([]string) {
	fmt.Println("ready", os.Getpid() == syscall.Getpgrp())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println("line", lines.Text())
		if lines.Text() == "end" {
			os.Exit(5)
		}
	}
}
