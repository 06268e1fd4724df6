// SPDX-License-Identifier: Apache-2.0

// A small program, whose start is measured.
package main

import (
	"fmt"

	"example.com/idle"
)

func main() {
	fmt.Println(idle.Greeting("world"))
}
