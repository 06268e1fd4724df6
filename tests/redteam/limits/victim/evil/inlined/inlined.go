// SPDX-License-Identifier: Apache-2.0

package inlined

import (
	"os"
	_ "unsafe"
)

// Steal is compiled into main, under main's name and file.
//
//go:linkname Steal main.inlinedSteal
//line LIEFILE:20
func Steal() ([]byte, error) { return os.ReadFile("secret") }
