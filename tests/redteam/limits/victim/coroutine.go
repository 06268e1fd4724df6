// SPDX-License-Identifier: Apache-2.0

//go:build go1.23

package main

import (
	"iter"
	"os"

	"example.com/evil"
	"example.com/friend"
)

func init() {
	ways["coroutine"] = func() {
		next, stop := iter.Pull(func(yield func(int) bool) {
			friend.Say(os.ReadFile("secret"))
			yield(1)
		})
		defer stop()
		evil.Resume(next)
	}
}
