// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sort"
	"sync"
	"time"
)

var nothing *int

func recoverNil([]string) {
	recovered := 0
	for i := 0; i < 1000; i++ {
		func() {
			defer func() {
				if recover() != nil {
					recovered++
				}
			}()
			fmt.Println("never said", *nothing)
		}()
	}
	fmt.Println("recovered", recovered)
}

//go:noinline
func burn(until time.Time) (sum uint64) {
	for time.Now().Before(until) {
		for i := uint64(0); i < 100000; i++ {
			sum += i * i
		}
	}
	return sum
}

// profile: whether the profile of busy 300 ms knows who was busy.
func profile([]string) {
	var buffer bytes.Buffer
	check(pprof.StartCPUProfile(&buffer))
	burn(time.Now().Add(300 * time.Millisecond))
	pprof.StopCPUProfile()
	reader, err := gzip.NewReader(&buffer)
	check(err)
	data, err := io.ReadAll(reader)
	check(err)
	fmt.Println("profile has samples:", bytes.Contains(data, []byte("main.burn")))
}

// work allocates, sorts, talks between goroutines, and writes files in between.
func work(args []string) {
	results := make(chan int, 100)
	for i := 0; i < 50; i++ {
		go func(i int) {
			data := make([]int, 0)
			for j := 0; j < 2000; j++ {
				data = append(data, (j*7919+i)%1000)
			}
			sort.Ints(data)
			name := filepath.Join(args[0], fmt.Sprint("work", i))
			check(os.WriteFile(name, []byte(fmt.Sprint(data)), 0o644))
			back, err := os.ReadFile(name)
			check(err)
			check(os.Remove(name))
			results <- len(back) + data[i]
		}(i)
	}
	sum := 0
	for i := 0; i < 50; i++ {
		sum += <-results
	}
	fmt.Println("sum", sum)
}

// files: a thousand goroutines at once, each with a file of its own.
func files(args []string) {
	var wait sync.WaitGroup
	var lock sync.Mutex
	total := 0
	for i := 0; i < 1000; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			name := filepath.Join(args[0], fmt.Sprint("file", i))
			for round := 0; round < 3; round++ {
				check(os.WriteFile(name, bytes.Repeat([]byte{byte(i)}, i), 0o644))
				data, err := os.ReadFile(name)
				check(err)
				check(os.Rename(name, name+".new"))
				check(os.Remove(name + ".new"))
				lock.Lock()
				total += len(data)
				lock.Unlock()
			}
		}(i)
	}
	wait.Wait()
	fmt.Println("total", total)
}

// busy does a lot of everything that must not stop.
func busy([]string) {
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	check(err)
	buffer := make([]byte, 10)
	for i := 0; i < 5000; i++ {
		_, err := null.Write(buffer) // write
		check(err)
		_, err = null.Read(buffer) // read
		if err != io.EOF {
			check(err)
		}
		_, err = os.Stat("/")
		check(err)
		_, err = os.Lstat("/proc/self")
		check(err)
		_, err = os.Readlink("/proc/self/exe")
		check(err)
		time.Sleep(time.Microsecond) // nanosleep, futex
	}
	for i := 0; i < 1000; i++ { // epoll: a goroutine waits for the other end
		r, w, err := os.Pipe()
		check(err)
		done := make(chan bool)
		go func() {
			_, err := io.ReadAll(r)
			check(err)
			close(done)
		}()
		runtime.Gosched()
		_, err = w.Write(buffer)
		check(err)
		check(w.Close())
		<-done
		check(r.Close())
	}
	var wait sync.WaitGroup
	for i := 0; i < 300; i++ { // threads, which end with their goroutines
		wait.Add(1)
		go func() {
			runtime.LockOSThread()
			defer wait.Done()
			time.Sleep(time.Millisecond)
		}()
	}
	wait.Wait()
	for i := 0; i < 8; i++ { // preemption by SIGURG, for more goroutines than processors
		wait.Add(1)
		go func() {
			defer wait.Done()
			burn(time.Now().Add(100 * time.Millisecond))
		}()
	}
	wait.Wait()
	for i := 0; i < 20; i++ { // stacks that grow, and collections
		wait.Add(1)
		go func() {
			defer wait.Done()
			grow(20000)
		}()
		keep = make([]byte, 10<<20)
		runtime.GC()
		debug.FreeOSMemory()
	}
	wait.Wait()
	fmt.Println("busy: done")
}

var keep []byte

//go:noinline
func grow(n int) int {
	if n == 0 {
		return 0
	}
	return grow(n-1) + 1
}
