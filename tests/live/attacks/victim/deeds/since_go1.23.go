// SPDX-License-Identifier: Apache-2.0

//go:build go1.23

package deeds

import (
	"iter"
	"os"
	"runtime/debug"
)

func init() {
	more["pull"] = func(deed string) {
		next, stop := iter.Pull(Sequence)
		defer stop()
		next()
	}
	more["pull-go"] = func(deed string) {
		next, stop := iter.Pull(Sequence)
		defer stop()
		wait(func(done func()) {
			go func() {
				defer done()
				next()
			}()
		})
	}
	deeds["crash-output"] = func() (string, error) {
		file, err := os.Create("new")
		if err != nil {
			return "", err
		}
		defer file.Close()
		return "", debug.SetCrashOutput(file, debug.CrashOptions{})
	}
}

// Sequence does the deed when it is asked for a value.
func Sequence(yield func(int) bool) {
	Do(os.Args[3])
	yield(1)
}
