// SPDX-License-Identifier: Apache-2.0

//go:build go1.24

package main

import "example.com/evil"

func init() {
	ways["cleanup"] = func() { evil.Cleanup(); said() }
	ways["chain"] = func() { evil.Chain(); said() }
}
