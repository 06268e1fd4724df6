// SPDX-License-Identifier: Apache-2.0

package main

import (
	"syscall"

	"example.com/deeds"
)

func init() {
	hosts["deeds"] = callDeeds
}

func callDeeds(way string, spawn bool, call [7]uintptr) (uintptr, syscall.Errno) {
	made := deeds.Call(call)
	switch {
	case way == "direct" && spawn:
		return deeds.SpawnDirect(&made)
	case way == "direct":
		return deeds.Direct(&made)
	case way == "goroutine" && spawn:
		return deeds.SpawnGoroutine(&made)
	case way == "goroutine":
		return deeds.Goroutine(&made)
	case spawn:
		return deeds.SpawnInlined(&made)
	}
	return deeds.Inlined(&made)
}
