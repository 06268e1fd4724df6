// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"example.com/evil"
)

// die NUMBER: of a signal that it sends to itself.
func die(args []string) {
	check(syscall.Kill(os.Getpid(), syscall.Signal(number(args[0]))))
	time.Sleep(10 * time.Second)
}

// fillPipe writes until nobody reads.
func fillPipe([]string) {
	for {
		fmt.Println("a line")
	}
}

// onSignal NUMBER: waits for it.
func onSignal(args []string) {
	received := make(chan os.Signal, 1)
	signal.Notify(received, syscall.Signal(number(args[0])))
	fmt.Println("ready")
	fmt.Println("received", <-received)
	os.Exit(5)
}

// hold waits for the end of standard input, and ticks: it makes calls that stop.
func hold([]string) {
	fmt.Println("ready")
	go func() {
		for {
			_, _ = os.ReadFile("/dev/null")
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := io.Copy(io.Discard, os.Stdin)
	check(err)
}

// daemon MILLISECONDS FILE: starts a child that lets go of everything, sleeps and makes the file.
func daemon(args []string) {
	child := exec.Command("/proc/self/exe", "sleep", args[0], args[1])
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	check(child.Start())
	fmt.Println("daemon started")
}

func sleep(args []string) {
	time.Sleep(time.Duration(number(args[0])) * time.Millisecond)
	check(os.WriteFile(args[1], nil, 0o644))
}

// execWithPipes talks with a child.
func execWithPipes([]string) {
	child := exec.Command("tr", "a-z", "A-Z")
	in, err := child.StdinPipe()
	check(err)
	out, err := child.StdoutPipe()
	check(err)
	check(child.Start())
	go func() {
		for i := 0; i < 1000; i++ {
			fmt.Fprintln(in, "line", i)
		}
		in.Close()
	}()
	data, err := io.ReadAll(out)
	check(err)
	check(child.Wait())
	fmt.Println(len(data), strings.HasSuffix(string(data), "LINE 999\n"))
	fmt.Println(exec.Command("sh", "-c", "exit 3").Run())
	_, err = exec.LookPath("no-such-program")
	fmt.Println(err != nil)
}

func execTrue([]string) {
	fmt.Println("true:", exec.Command("true").Run())
}

// reexec SECRET: the child is the same program, and evil in it is the same evil.
func reexec(args []string) {
	child := exec.Command("/proc/self/exe", append([]string{"reexeced"}, args...)...)
	child.Stdout = os.Stdout
	check(child.Run())
	check(syscall.Exec("/proc/self/exe", append([]string{os.Args[0], "reexeced"}, args...), os.Environ()))
}

func reexeced(args []string) {
	own, err := os.ReadFile(args[0])
	check(err)
	stolen, err := evil.Read(args[0])
	fmt.Println("own:", len(own), "stolen:", len(stolen), err)
}

// traced: whether somebody traces this process.
func traced([]string) {
	status, err := os.ReadFile("/proc/self/status")
	check(err)
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "TracerPid:") {
			fmt.Println("traced:", strings.TrimSpace(strings.TrimPrefix(line, "TracerPid:")) != "0")
		}
	}
}
