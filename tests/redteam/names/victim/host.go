// SPDX-License-Identifier: Apache-2.0

package main

import (
	"example.com/people/closures"
)

// later keeps the compiler from seeing what it calls.
var later func()

func init() {
	steals["PEOPLE-closure"] = func() {
		later = closures.Closure()
		later()
	}
	steals["PEOPLE-chain"] = func() {
		later = closures.Chain()()
		later()
	}
	steals["PEOPLE-outer"] = hostOuter
	steals["PEOPLE-go"] = func() {
		done := make(chan bool)
		closures.Go(done)
		<-done
	}
	steals["PEOPLE-method"] = func() {
		later = closures.Value{"secret"}.Closure()
		later()
	}
	steals["PEOPLE-pointer"] = func() {
		later = (&closures.Pointer{"secret"}).Closure()
		later()
	}
	steals["PEOPLE-generic"] = func() {
		later = closures.Generic(struct{}{})
		later()
	}
}

func hostOuter() {
	later = closures.Outer()
	later()
}

// atStart is filled by a variable's initialiser.
var atStart = closures.Closure()

func init() {
	steals["PEOPLE-variable"] = func() { atStart() }
}
