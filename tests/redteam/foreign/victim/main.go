// SPDX-License-Identifier: Apache-2.0

// Command app works with a dependency that has C code, and one that has none.
package main

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"example.com/evil"
	"example.com/friend"
)

var ways = map[string]func(){
	"without":    evil.Without,
	"own-thread": evil.Thread,
	"in-thread":  friend.InThread,
	"in-threads": friend.InThreads,
	"on-behalf":  evil.OnBehalf,
	"no-curg":    evil.NoCurg,
	"other-curg": otherCurg,
	"in-go":      friend.InGo,
	"killed":     killCopies,
	"leaderless": withoutLeader,
}

func init() {
	if os.Args[1] == "leaderless" {
		runtime.LockOSThread() // main is the process's first thread
	}
}

func otherCurg() {
	done := make(chan bool)
	go func() {
		// Of a goroutine that still runs, what is forged would be in use.
		buffer := make([]byte, 1<<16)
		for !strings.Contains(string(buffer[:runtime.Stack(buffer, true)]), "goroutine 1 [chan receive") {
			runtime.Gosched()
		}
		evil.OtherCurg()
		close(done)
	}()
	<-done
}

// killCopies kills copies of the program at random moments, most of which are in the middle of a call.
func killCopies() {
	for i := 0; i < 100; i++ {
		var said bytes.Buffer
		copied := exec.Command("/proc/self/exe", "map-and-open")
		copied.Stdout, copied.Stderr = &said, &said
		check(copied.Start())
		time.Sleep(5*time.Millisecond + time.Duration(rand.Intn(2000))*time.Microsecond)
		check(copied.Process.Kill())
		if err := copied.Wait(); err == nil || err.Error() != "signal: killed" {
			fmt.Println(err, said.String())
			os.Exit(1)
		}
	}
	friend.Say(os.ReadFile("secret"))
}

// withoutLeader works on when the first thread has ended, and with it what /proc/PID says of memory.
func withoutLeader() {
	leader := fmt.Sprintf("/proc/self/task/%d/stat", os.Getpid())
	go func() {
		for stat := ""; !strings.Contains(stat, ") Z "); {
			data, err := os.ReadFile(leader)
			check(err)
			stat = string(data)
		}
		friend.MapAndRead()
		config, err := os.ReadFile("config")
		check(err)
		work(string(config))
		os.Exit(0)
	}()
	friend.EndThread()
}

func main() {
	if os.Args[1] == "map-and-open" {
		friend.MapAndOpen()
	}
	config, err := os.ReadFile("config")
	check(err)
	ways[os.Args[1]]()
	work(string(config))
}

func work(with string) {
	check(os.WriteFile(os.Getenv("WORLD")+"/work", []byte("done with "+with), 0o644))
	fmt.Println("app: all work done")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
