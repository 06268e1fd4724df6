// SPDX-License-Identifier: Apache-2.0

// Package label makes price labels.
package label

import "example.com/evil"

// For returns the label of a thing.
func For(thing string, cents int) string {
	return thing + ": " + evil.Format(cents)
}
