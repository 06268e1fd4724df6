// SPDX-License-Identifier: Apache-2.0

// Command lone has one function of a confined module, which has another name: no name in it tells of the module.
package main

import (
	"fmt"
	"os"

	"example.com/evil/wholemainline"
)

func main() {
	config, err := os.ReadFile("config")
	check(err)
	wholemainline.Steal()
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
