// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package main

// #include <unistd.h>
// static void doze(void) { for (int i = 0; i < 30; i++) usleep(10000); }
import "C"

func init() {
	sleepInC = func() { C.doze() }
}
