// SPDX-License-Identifier: Apache-2.0

//go:build go1.24

package main

import "runtime"

func addCleanup(object *[64]byte) {
	runtime.AddCleanup(object, func(int) {}, 0)
}
