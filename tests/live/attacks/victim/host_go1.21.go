// SPDX-License-Identifier: Apache-2.0

//go:build go1.21

package main

import "example.com/deeds"

func init() {
	moreOfDeeds["once-func"] = func(deed string) { deeds.OnceFunc(deed)() }
	moreOfDeeds["once-value"] = func(string) { deeds.OnceValue()() }
}
