// SPDX-License-Identifier: Apache-2.0

// Package calm uses no dependency.
package calm

// Round rounds an amount of cents to five.
func Round(cents int) int {
	return (cents + 2) / 5 * 5
}
