// SPDX-License-Identifier: Apache-2.0

package label_test

import (
	"testing"

	"example.com/shop/label"
)

// An external test: it is a package of its own.
func TestFor(t *testing.T) {
	if got := label.For("tea", 250); got != "tea: 2.50 EUR" {
		t.Errorf("For = %q", got)
	}
}
