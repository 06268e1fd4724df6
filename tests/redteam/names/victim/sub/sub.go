// SPDX-License-Identifier: Apache-2.0

// Package sub is of the main module.
package sub

// Work does nothing that anybody sees.
//
//go:noinline
func Work() int {
	return len("work")
}
