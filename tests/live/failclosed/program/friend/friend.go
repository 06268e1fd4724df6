// SPDX-License-Identifier: Apache-2.0

// Package friend is an unconfined dependency.
package friend

import "os"

// ReadBelow reads a file from below so many calls.
//
//go:noinline
func ReadBelow(depth int, path string) (string, error) {
	if depth > 0 {
		text, err := ReadBelow(depth-1, path)
		return text, err
	}
	data, err := os.ReadFile(path)
	return string(data), err
}
