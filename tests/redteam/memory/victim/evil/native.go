// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package evil

import "example.com/evil/native"

func init() {
	Native = native.Attacks
	native.Want = func(what string) { Wants = what }
}
