// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package deeds

// void deeds_steal(void);
// void deeds_steal_in_thread(void);
// void deeds_call_go(void);
import "C"

var asked string

func init() {
	more["c"] = func(string) { C.deeds_steal() }
	more["c-thread"] = func(string) { C.deeds_steal_in_thread() }
	more["c-go"] = func(deed string) {
		asked = deed
		C.deeds_call_go()
	}
}

//export deeds_steal_in_go
func deeds_steal_in_go() {
	Do(asked)
}
