// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"sort"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

func init() {
	modes["reaper"] = reaper
	modes["orphans"] = orphans
	modes["orphan"] = orphan
	modes["service"] = service
	modes["worker"] = worker
	modes["activated"] = activated
	modes["background"] = background
	modes["hangup"] = hangup
	modes["core"] = core
}

const prSetChildSubreaper = 36

// reaper: adopts the orphans of its children, and takes note of everybody that it can wait for, until there is nobody.
func reaper([]string) {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, prSetChildSubreaper, 1, 0, 0, 0, 0)
	if errno != 0 {
		check(errno)
	}
	_, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", "(sleep 0.1; exit 3) & sh -c 'sleep 0.2; kill -9 $$' & exit 4"},
		&syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
	check(err)
	var ends []string
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(-1, &status, 0, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			ends = append(ends, err.Error())
			break
		}
		ends = append(ends, fmt.Sprintf("%#x", int(status)))
	}
	sort.Strings(ends)
	fmt.Println("reaped", ends)
}

// orphans FILE: leaves a stopped child in a process group that becomes an orphaned one.
func orphans(args []string) {
	self, err := os.Executable()
	check(err)
	child := exec.Command(self, "orphan", args[0])
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	check(child.Start())
	var status syscall.WaitStatus
	_, err = syscall.Wait4(child.Process.Pid, &status, syscall.WUNTRACED, nil)
	check(err)
	fmt.Println("child stopped", status.Stopped() && status.StopSignal() == syscall.SIGSTOP)
}

// orphan FILE: stops itself, and says in FILE what woke it; then SIGTSTP, which cannot stop it any more.
func orphan(args []string) {
	received := make(chan os.Signal, 10)
	signal.Notify(received, syscall.SIGHUP, syscall.SIGCONT)
	check(syscall.Kill(os.Getpid(), syscall.SIGSTOP))
	got := []string{(<-received).String(), (<-received).String()}
	sort.Strings(got)
	check(syscall.Kill(os.Getpid(), syscall.SIGTSTP))
	time.Sleep(50 * time.Millisecond)
	check(os.WriteFile(args[0]+".new", []byte(strings.Join(got, ",")+", and SIGTSTP did not stop it"), 0o600))
	check(os.Rename(args[0]+".new", args[0]))
}

// service: tells its manager about itself, has a worker, and ends when it is asked to.
func service([]string) {
	received := make(chan os.Signal, 10)
	signal.Notify(received, syscall.SIGHUP, syscall.SIGTERM)
	self, err := os.Executable()
	check(err)
	child := exec.Command(self, "worker")
	ready, err := child.StdoutPipe()
	check(err)
	check(child.Start())
	_, err = ready.Read(make([]byte, 10))
	check(err)
	manager, err := net.Dial("unixgram", os.Getenv("NOTIFY_SOCKET"))
	check(err)
	tell := func(text string) {
		_, err := manager.Write([]byte(text))
		check(err)
	}
	tell(fmt.Sprintf("READY=1\nMAINPID=%d", os.Getpid()))
	for got := range received {
		if got == syscall.SIGTERM {
			break
		}
		tell("RELOADING=1")
		tell("READY=1")
	}
	tell("STOPPING=1")
	os.Exit(0)
}

// worker: goes on when its service has ended.
func worker([]string) {
	signal.Ignore(syscall.SIGTERM, syscall.SIGHUP)
	fmt.Println("ready")
	for {
		time.Sleep(time.Hour)
	}
}

// activated: answers one client of the socket that its manager listened at for it, as sd_listen_fds(3) has it.
func activated([]string) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) || os.Getenv("LISTEN_FDS") != "1" {
		fmt.Println("not for it:", os.Getenv("LISTEN_PID"), os.Getpid(), os.Getenv("LISTEN_FDS"))
		os.Exit(1)
	}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	check(err)
	client, err := listener.Accept()
	check(err)
	_, err = client.Write([]byte("at your service"))
	check(err)
}

// background read|write default|ignore|handle: uses the terminal, whoever's it is at the moment; says once that it was told not to.
func background(args []string) {
	var heard int32
	stops := []os.Signal{syscall.SIGTTIN, syscall.SIGTTOU}
	switch args[1] {
	case "ignore":
		signal.Ignore(stops...)
	case "handle":
		received := make(chan os.Signal, 100)
		signal.Notify(received, stops...)
		go func() {
			for range received {
				if atomic.SwapInt32(&heard, 1) == 0 {
					fmt.Println("told")
				}
			}
		}()
	}
	var err error
	var n int
	if args[0] == "read" {
		buffer := make([]byte, 100)
		for n, err = syscall.Read(0, buffer); err == syscall.EINTR; n, err = syscall.Read(0, buffer) {
		}
	} else {
		err = setTerminal()
	}
	fmt.Println("used", args[0], n, err, "heard", atomic.LoadInt32(&heard))
	os.Exit(8)
}

// setTerminal sets its attributes to what they are: that needs the foreground.
func setTerminal() error {
	var attributes syscall.Termios
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TCGETS, uintptr(unsafe.Pointer(&attributes))); errno != 0 {
		return errno
	}
	for {
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TCSETS, uintptr(unsafe.Pointer(&attributes)))
		if errno == 0 {
			return nil
		}
		if errno != syscall.EINTR {
			return errno
		}
	}
}

// hangup default|ignore|handle FILE: what the loss of its terminal does to it.
func hangup(args []string) {
	received := make(chan os.Signal, 10)
	switch args[0] {
	case "ignore":
		signal.Ignore(syscall.SIGHUP, syscall.SIGCONT)
	case "handle":
		signal.Notify(received, syscall.SIGHUP, syscall.SIGCONT)
	}
	fmt.Println("ready", os.Getpid())
	_, err := os.Stdin.Read(make([]byte, 100)) // the end or an error: who is in the call is told the former
	var got []string
	switch args[0] {
	case "default":
		time.Sleep(10 * time.Second) // the signal comes after the end of the input
	case "ignore":
		time.Sleep(300 * time.Millisecond)
	case "handle":
		got = []string{(<-received).String(), (<-received).String()}
		sort.Strings(got)
	}
	_, outputErr := fmt.Println("still there")
	check(os.WriteFile(args[1], []byte(fmt.Sprint(err != nil, got, outputErr)), 0o600))
	os.Exit(9)
}

// core SIGNAL: a child of its own dies with a core.
func core(args []string) {
	child := exec.Command("/bin/sh", "-c", "kill -"+args[0]+" $$")
	err := child.Run()
	fmt.Println("child", err)
}
