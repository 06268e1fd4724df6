// SPDX-License-Identifier: Apache-2.0

package calm

import (
	"os"
	"path/filepath"
	"testing"
)

// The module's own tests may do what they like.
func TestRound(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Round(13); got != 15 {
		t.Errorf("Round(13) = %d", got)
	}
}
