// SPDX-License-Identifier: Apache-2.0

package deeds

import "os"

// Setenv changes the environment of the program's children, without a system call.
func Setenv(name, value string) {
	if err := os.Setenv(name, value); err != nil {
		Say(err)
	}
}

// Flip changes bytes to and fro.
func Flip(bytes []byte, one, other string, ready chan bool) {
	close(ready)
	for {
		copy(bytes, one)
		copy(bytes, other)
	}
}
