// SPDX-License-Identifier: Apache-2.0

package main

import "example.com/deeds"

func init() {
	hosts["deeds"] = func(deed string, target target) {
		deeds.Do(deed, deeds.Target(target))
	}
}

func init() {
	setenv["deeds"] = deeds.Setenv
	flip["deeds"] = deeds.Flip
}
