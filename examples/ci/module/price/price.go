// SPDX-License-Identifier: Apache-2.0

// Package price knows what things cost.
package price

import "example.com/evil"

// Of returns the price of n pieces, ready to be shown.
func Of(n, cents int) string {
	return evil.Format(total(n, cents))
}

func total(n, cents int) int {
	return n * cents
}
