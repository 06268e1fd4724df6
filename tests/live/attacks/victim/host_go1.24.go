// SPDX-License-Identifier: Apache-2.0

//go:build go1.24

package main

import (
	"os"

	"example.com/deeds"
)

func init() {
	moreOfDeeds["given-root"] = func(string) {
		root, err := os.OpenRoot(".")
		check(err)
		deeds.Say(deeds.ReadIn(root))
		check(root.Close())
	}
}
