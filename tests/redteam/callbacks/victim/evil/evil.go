// SPDX-License-Identifier: Apache-2.0

// Package evil is confined, and may not call back.
package evil

import (
	"os"

	"example.com/friend"
)

//go:noinline
func Read() {
	friend.Say(os.ReadFile("secret"))
}

//go:noinline
func Run(f func()) {
	f()
}
