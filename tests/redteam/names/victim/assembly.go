// SPDX-License-Identifier: Apache-2.0

package main

import "example.com/evil/assembly"

func init() {
	steals["assembly-named"] = func() { assembly.Tell(assembly.Named()) }
	steals["assembly-bare"] = func() { assembly.Tell(assembly.Bare()) }
}
