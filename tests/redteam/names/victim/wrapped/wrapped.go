// SPDX-License-Identifier: Apache-2.0

// Package wrapped has types and generic functions that other packages instantiate, embed and call through interfaces.
package wrapped

import (
	"os"

	"example.com/friend"
)

func Generic[T any](value T) {
	friend.Say(os.ReadFile("secret"))
}

type Box[T any] struct{ Value T }

func (b Box[T]) Open() {
	friend.Say(os.ReadFile("secret"))
}

func Apply[T any](value T, f func(T)) {
	f(value)
}

// Read is handed on as a function.
func Read(name string) {
	friend.Say(os.ReadFile(name))
}

type Thief struct{ Name string }

func (t Thief) Steal() {
	friend.Say(os.ReadFile(t.Name))
}

func (t *Thief) Take() {
	friend.Say(os.ReadFile(t.Name))
}

func (t Thief) hidden() {
	friend.Say(os.ReadFile(t.Name))
}

// Hidden has a method that no other package can call or define; whoever embeds a Thief has it, too.
type Hidden interface{ hidden() }

func Call(h Hidden) {
	h.hidden()
}
