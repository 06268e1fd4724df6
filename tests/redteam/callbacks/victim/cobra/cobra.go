// SPDX-License-Identifier: Apache-2.0

// Package cobra is confined, and may run the main module's functions.
package cobra

import (
	"os"
	_ "unsafe"

	"example.com/friend"
)

// Command runs what the main module gives it.
type Command struct {
	Run  func()
	Pre  func()
	Hook interface{ Do() }
}

//go:noinline
func (c *Command) Execute() {
	if c.Pre != nil {
		c.Pre()
	}
	if c.Hook != nil {
		c.Hook.Do()
	}
	if c.Run != nil {
		c.Run()
	}
}

// ExecuteIn has a goroutine of its own run it.
//
//go:noinline
func (c *Command) ExecuteIn() {
	done := make(chan bool)
	go func() {
		c.Run()
		close(done)
	}()
	<-done
}

// Closure is compiled into its caller, and is called main's by its symbol only.
func Closure(name string) func() {
	return func() { friend.Say(os.ReadFile(name)) }
}

// Deputy gives a function of the main module one of the standard library to run.
//
//go:noinline
func Deputy(apply func(func(string) ([]byte, error))) {
	apply(os.ReadFile)
}

//go:noinline
func Read() {
	friend.Say(os.ReadFile("secret"))
}

// Steal has a name of the main module, and a file of this one.
//
//go:linkname Steal main.stealFile
//go:noinline
func Steal() {
	friend.Say(os.ReadFile("secret"))
}

// Lie has the name and the file.
//
//go:linkname Lie main.stealBoth
//line LIEFILE:20
//go:noinline
func Lie() {
	friend.Say(os.ReadFile("secret"))
}
