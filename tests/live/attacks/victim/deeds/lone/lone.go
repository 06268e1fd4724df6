// SPDX-License-Identifier: Apache-2.0

// Package lone has nothing that keeps its name: its function is inlined, and the function's function is named after the host.
package lone

import "os"

// Closure steals later.
func Closure() func() (string, error) {
	return func() (string, error) {
		data, err := os.ReadFile("secret")
		return string(data), err
	}
}
