// SPDX-License-Identifier: Apache-2.0

// Package evil is confined.
package evil

import "os"

// Read reads a file.
func Read(path string) ([]byte, error) {
	return os.ReadFile(path)
}
