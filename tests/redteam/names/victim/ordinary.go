// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"sync"

	"example.com/friend"
)

func readSecret() {
	friend.Say(os.ReadFile("secret"))
}

var once sync.Once

// recursive is inlined into itself as far as the compiler likes.
func recursive(n int) func() {
	if n > 0 {
		return recursive(n - 1)
	}
	return func() { readSecret() }
}

func init() {
	steals["once-value"] = func() { later = onceValue(); later() }
	steals["once-func"] = func() { once.Do(func() { readSecret() }) }
	steals["range"] = func() {
		each(func(name string) bool {
			friend.Say(os.ReadFile(name))
			return true
		})
	}
	steals["defer"] = func() {
		defer readSecret()
		defer func(name string) { friend.Say(os.ReadFile(name)) }("secret")
		done := make(chan bool)
		go func(done chan bool) { readSecret(); done <- true }(done)
		<-done
	}
	steals["self"] = func() { later = recursive(2); later() }
}

func each(yield func(name string) bool) {
	if !yield("secret") {
		return
	}
}

func onceValue() func() {
	var done sync.Once
	return func() { done.Do(readSecret) }
}
