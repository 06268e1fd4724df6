// SPDX-License-Identifier: Apache-2.0

//go:build cgo

// Package native is what of evil is C code: what C does before the Go runtime is denied, where it is supervised.
package native

// static int one(void) { return 1; }
import "C"

// One is 1.
var One = C.one()
