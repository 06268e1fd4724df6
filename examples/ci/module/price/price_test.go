// SPDX-License-Identifier: Apache-2.0

package price

import "testing"

// An internal test: it is part of the package.
func TestOf(t *testing.T) {
	if total(3, 111) != 333 {
		t.Error("total is wrong")
	}
	if got := Of(3, 111); got != "3.33 EUR" {
		t.Errorf("Of(3, 111) = %q", got)
	}
}
