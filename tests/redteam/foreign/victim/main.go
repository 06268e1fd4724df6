// SPDX-License-Identifier: Apache-2.0

// Command app works with a dependency that has C code, and one that has none.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

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

func main() {
	config, err := os.ReadFile("config")
	check(err)
	ways[os.Args[1]]()
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
