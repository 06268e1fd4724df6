// SPDX-License-Identifier: Apache-2.0

package unheard

import (
	"os"
	_ "unsafe"

	"example.com/friend"
)

// Steal is all that this package has, under the name of one that is not in the program.
//
//go:linkname Steal container/ring.Steal
//line RINGFILE:20
//go:noinline
func Steal() { friend.Say(os.ReadFile("secret")) }
