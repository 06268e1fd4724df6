// SPDX-License-Identifier: Apache-2.0

package main

import (
	"reflect"

	"example.com/people/wrapped"
)

type localPeople struct{ n int }

type embedsPeople struct {
	wrapped.Thief
	n int
}

type pointsPeople struct {
	*wrapped.Thief
	n int
}

var valuePeople interface{} // what the compiler cannot see through

func init() {
	steals["PEOPLE-instance"] = func() { wrapped.Generic(localPeople{}) }
	steals["PEOPLE-instance-method"] = func() {
		valuePeople = wrapped.Box[localPeople]{}
		valuePeople.(interface{ Open() }).Open()
	}
	steals["PEOPLE-passed"] = func() { wrapped.Apply("secret", wrapped.Read) }
	steals["PEOPLE-embedded"] = func() {
		valuePeople = embedsPeople{wrapped.Thief{Name: "secret"}, 1}
		valuePeople.(interface{ Steal() }).Steal()
	}
	steals["PEOPLE-embedded-pointer"] = func() {
		valuePeople = &pointsPeople{&wrapped.Thief{Name: "secret"}, 1}
		valuePeople.(interface{ Take() }).Take()
	}
	steals["PEOPLE-unexported"] = func() {
		valuePeople = embedsPeople{wrapped.Thief{Name: "secret"}, 1}
		wrapped.Call(valuePeople.(wrapped.Hidden))
	}
	steals["PEOPLE-method-value"] = func() {
		steal := embedsPeople{wrapped.Thief{Name: "secret"}, 1}.Steal
		later = steal
		later()
	}
	steals["PEOPLE-method-expression"] = func() {
		valuePeople = embedsPeople.Steal
		valuePeople.(func(embedsPeople))(embedsPeople{wrapped.Thief{Name: "secret"}, 1})
	}
	steals["PEOPLE-reflected"] = func() {
		reflect.ValueOf(embedsPeople{wrapped.Thief{Name: "secret"}, 1}).MethodByName("Steal").Call(nil)
	}
}
