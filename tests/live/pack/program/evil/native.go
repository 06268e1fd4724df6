// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package evil

import "example.com/evil/native"

var one = native.One
