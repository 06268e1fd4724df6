// SPDX-License-Identifier: Apache-2.0

// Package quiet is confined, and known to try.
package quiet

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
