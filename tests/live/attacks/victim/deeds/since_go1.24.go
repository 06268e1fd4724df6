// SPDX-License-Identifier: Apache-2.0

//go:build go1.24

package deeds

import (
	"flag"
	"io"
	"os"
	"runtime"
	"sync"
)

func init() {
	more["cleanup"] = func(deed string) {
		wait(func(done func()) {
			runtime.AddCleanup(&value{}, func(deed string) {
				defer done()
				Do(deed)
			}, deed)
			collect()
		})
	}
	// The function that is called is the standard library's, and what it calls is, too.
	more["cleanup-std"] = func(string) {
		armFlags()
		runtime.AddCleanup(&value{}, new(sync.Once).Do, flag.Parse)
		collect()
		until(func() bool { return !exists("file") })
	}
	deeds["open-root"] = func() (string, error) {
		root, err := os.OpenRoot(".")
		if err != nil {
			return "", err
		}
		defer root.Close()
		return ReadIn(root)
	}
}

// ReadIn reads the secret in a directory that is open.
func ReadIn(root *os.Root) (string, error) {
	file, err := root.Open("secret")
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	return string(data), err
}
