// SPDX-License-Identifier: Apache-2.0

// Command app has others run its functions, and theirs.
package main

import (
	"fmt"
	"os"

	"example.com/cobra"
	"example.com/evil"
	"example.com/friend"
	"example.com/quiet"
)

//go:noinline
func read() {
	friend.Say(os.ReadFile("secret"))
}

type hook struct{}

func (hook) Do() { read() }

//go:noinline
func apply(read func(string) ([]byte, error)) { friend.Say(read("secret")) }

// empty does nothing, between cobra and what it did before.
//
//go:noinline
func empty() {}

var later func()

var ways = map[string]func(){
	"own":            func() { (&cobra.Command{Run: read}).Execute() },
	"own-closure":    func() { name := "secret"; (&cobra.Command{Run: func() { friend.Say(os.ReadFile(name)) }}).Execute() },
	"own-method":     func() { (&cobra.Command{Hook: hook{}}).Execute() },
	"own-friend":     func() { (&cobra.Command{Run: func() { friend.Read() }}).Execute() },
	"own-goroutine":  func() { (&cobra.Command{Run: inGoroutine}).Execute() },
	"own-in":         func() { (&cobra.Command{Run: read}).ExecuteIn() },
	"own-by-evil":    func() { evil.Run(read) },
	"own-both":       func() { evil.Run(func() { (&cobra.Command{Run: read}).Execute() }) },
	"evil-through":   func() { (&cobra.Command{Run: func() { evil.Read() }}).Execute() },
	"itself":         cobra.Read,
	"itself-through": func() { (&cobra.Command{Run: func() { cobra.Read() }}).Execute() },
	"after":          func() { (&cobra.Command{Pre: empty, Run: cobra.Read}).Execute() },
	"closure":        func() { later = cobra.Closure("secret"); (&cobra.Command{Run: later}).Execute() },
	"friend":         func() { (&cobra.Command{Run: friend.Read}).Execute() },
	"friend-runs":    func() { friend.Run(cobra.Read) },
	"friend-own":     func() { friend.Run(read) },
	"goroutine":      func() { (&cobra.Command{Run: friend.Read}).ExecuteIn() },
	"linkname":       func() { (&cobra.Command{Run: cobra.Steal}).Execute() },
	"lie":            func() { (&cobra.Command{Run: cobra.Lie}).Execute() },
	"deputy":         func() { cobra.Deputy(apply) },
	"quiet":          quiet.Read,
	"quiet-runs":     func() { quiet.Run(read) },
}

func inGoroutine() {
	done := make(chan bool)
	go func() {
		read()
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
