// SPDX-License-Identifier: Apache-2.0

// Command app does honest work, and has somebody read the secret: a function by its name, or what a host leads to.
package main

import (
	"fmt"
	"os"

	"example.com/app/sub"
	"example.com/friend"
)

// steals are functions that others made; names.py writes who fills it.
var steals = map[string]func(){}

func main() {
	if len(os.Args) != 2 || steals[os.Args[1]] == nil {
		fail("usage: app NAME")
	}
	config, err := os.ReadFile("config")
	check(err)
	steals[os.Args[1]]()
	sub.Work()
	friend.Say(nil, nil)
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
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
