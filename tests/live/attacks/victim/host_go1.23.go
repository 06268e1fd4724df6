// SPDX-License-Identifier: Apache-2.0

//go:build go1.23

package main

import (
	"iter"

	"example.com/deeds"
)

func init() {
	moreOfDeeds["pull-main"] = func(string) {
		next, stop := iter.Pull(deeds.Sequence)
		defer stop()
		next()
	}
}
