// SPDX-License-Identifier: Apache-2.0

// Package idle is confined, and does nothing that anybody could mind.
package idle

import "strings"

func Greeting(name string) string {
	return strings.Join([]string{"hello", name}, " ")
}
