// SPDX-License-Identifier: Apache-2.0

// Command app does honest work, and has WHO do DEED by ROUTE: evil (confined), friend (a dependency that is not) or own (a package
// of the main module). run.py makes the three of deeds, and of host.go what leads to them.
package main

import (
	"fmt"
	"os"
)

// hosts leads to WHO, each by its own host.go.
var hosts = map[string]func(route, deed string){}

// later is called when it has been made.
var later func() (string, error)

func main() {
	if len(os.Args) != 4 || hosts[os.Args[1]] == nil {
		fail("usage: app WHO ROUTE DEED")
	}
	config, err := os.ReadFile("config")
	check(err)
	hosts[os.Args[1]](os.Args[2], os.Args[3])
	directory, err := os.Getwd()
	check(err)
	fmt.Println("app: works in", directory)
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
}

// work has several goroutines read a file, one after the other.
func work() {
	for i := 0; i < 20; i++ {
		read := make(chan error)
		go func() {
			_, err := os.ReadFile("config")
			read <- err
		}()
		check(<-read)
	}
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	os.Stderr.WriteString("app: " + message + "\n")
	os.Exit(1)
}
