// SPDX-License-Identifier: Apache-2.0

// Package friend is an unconfined dependency.
package friend

import "os"

// Write writes a file.
func Write(path string) error {
	return os.WriteFile(path, []byte("from a friend\n"), 0o644)
}

// Writer makes a function that writes a file.
func Writer(path string) func() error {
	return func() error { return Write(path) }
}
