// SPDX-License-Identifier: Apache-2.0

// Command stops measures stopped calls from inside and prints nanoseconds per operation.
//
//	stops calls DEPTH THREADS N     open and close a file, N times per thread, DEPTH frames deep
//	stops ancestry DEPTH N          the same in a goroutine that has DEPTH ancestors
//	stops fresh DEPTH N             the same, each time in a new goroutine that has DEPTH ancestors
//	stops create DEPTH N            create N goroutines, one after the other, DEPTH frames deep
//	stops park DEPTH N              create N goroutines that wait, DEPTH frames deep; prints their memory in bytes, too
//	stops children N PROG [ARG]...  run PROG N times
//	stops serve DIR                 serve files over HTTP; prints the address, ends with its standard input
//	stops load URL CLIENTS N [RATE] ask for URL N times, RATE times in a second; prints p50 and p99 in nanoseconds, and requests per second
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"example.com/idle"
)

//go:noinline
func deep(depth int, work func()) int {
	if depth <= 0 {
		work()
		return 0
	}
	return deep(depth-1, work) + 1
}

func calls(n int) {
	for i := 0; i < n; i++ {
		fd, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0)
		if err != nil {
			panic(err)
		}
		syscall.Close(fd)
	}
}

func inThreads(threads, depth, n int) {
	var group sync.WaitGroup
	for i := 0; i < threads; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			runtime.LockOSThread()
			deep(depth, func() { calls(n) })
		}()
	}
	group.Wait()
}

func withAncestors(depth int, work func()) {
	if depth == 0 {
		work()
		return
	}
	done := make(chan bool)
	go func() {
		withAncestors(depth-1, work)
		close(done)
	}()
	<-done
}

// create has each of n goroutines, one after the other, do something.
func create(n int, work func()) {
	done := make(chan bool)
	for i := 0; i < n; i++ {
		go func() {
			work()
			done <- true
		}()
		<-done
	}
}

func park(n int) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	stay, ready := make(chan bool), make(chan bool)
	start := time.Now()
	for i := 0; i < n; i++ {
		go func() {
			ready <- true
			<-stay
		}()
		<-ready
	}
	took := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	fmt.Println(float64(took.Nanoseconds())/float64(n), float64(after.Sys-before.Sys)/float64(n))
	close(stay)
}

func number(i int) int {
	n, err := strconv.Atoi(os.Args[i])
	if err != nil {
		panic(err)
	}
	return n
}

func main() {
	idle.Nothing()
	n := 1
	start := time.Now()
	switch os.Args[1] {
	case "calls":
		n = number(4)
		inThreads(number(3), number(2), n)
	case "ancestry":
		n = number(3)
		withAncestors(number(2), func() {
			start = time.Now()
			calls(n)
		})
	case "fresh":
		n = number(3)
		withAncestors(number(2)-1, func() {
			start = time.Now()
			create(n, func() { calls(1) })
		})
	case "create":
		n = number(3)
		deep(number(2), func() { create(n, func() {}) })
	case "park":
		n = number(3)
		deep(number(2), func() { park(n) })
		return
	case "children":
		n = number(2)
		for i := 0; i < n; i++ {
			if err := exec.Command(os.Args[3], os.Args[4:]...).Run(); err != nil {
				panic(err)
			}
		}
	case "serve":
		serve(os.Args[2])
		return
	case "load":
		rate := 0
		if len(os.Args) > 5 {
			rate = number(5)
		}
		load(os.Args[2], number(3), number(4), float64(rate))
		return
	}
	fmt.Println(float64(time.Since(start).Nanoseconds()) / float64(n))
}
