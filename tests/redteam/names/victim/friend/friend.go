// SPDX-License-Identifier: Apache-2.0

// Package friend is a dependency that is not confined.
package friend

import "fmt"

// Say tells on standard output, which is open already.
//
//go:noinline
func Say(data []byte, err error) {
	fmt.Println(string(data), err)
}
