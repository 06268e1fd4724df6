// SPDX-License-Identifier: Apache-2.0

// Package closures has functions that are compiled into their callers, and leave closures there. names.py makes copies of it, with and
// without a lie about the file.
package closures

import (
	"os"

	"example.com/friend"
)

//LINE main.go:100

func Closure() func() {
	return func() { friend.Say(os.ReadFile("secret")) }
}

func Chain() func() func() {
	return func() func() {
		return func() { friend.Say(os.ReadFile("secret")) }
	}
}

func Outer() func() {
	return inner()
}

func inner() func() {
	return func() { friend.Say(os.ReadFile("secret")) }
}

func Go(done chan bool) {
	go func() {
		friend.Say(os.ReadFile("secret"))
		done <- true
	}()
}

type Value struct{ Name string }

func (v Value) Closure() func() {
	return func() { friend.Say(os.ReadFile(v.Name)) }
}

type Pointer struct{ Name string }

func (p *Pointer) Closure() func() {
	return func() { friend.Say(os.ReadFile(p.Name)) }
}

func Generic[T any](value T) func() {
	return func() { friend.Say(os.ReadFile("secret")) }
}

func Apply[T any](value T, f func(T)) {
	f(value)
}
