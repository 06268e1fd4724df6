// SPDX-License-Identifier: Apache-2.0

// Package idle is confined, and does nothing: it is there so that the program is supervised.
package idle

// Nothing returns 0.
//
//go:noinline
func Nothing() int {
	return 0
}
