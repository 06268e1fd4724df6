// SPDX-License-Identifier: Apache-2.0

//go:build go1.25

package deeds

import (
	"flag"
	"runtime"
	"sync"
)

func init() {
	more["wait-group"] = func(deed string) {
		group := sync.WaitGroup{}
		group.Go(func() { Do(deed) })
		group.Wait()
	}
	more["wait-group-std"] = func(string) {
		armFlags()
		group := sync.WaitGroup{}
		group.Go(flag.Parse)
		group.Wait()
	}
	more["cleanup-go-std"] = func(string) {
		armFlags()
		group := &sync.WaitGroup{}
		runtime.AddCleanup(&value{}, group.Go, flag.Parse)
		collect()
		until(func() bool { return !exists("file") })
	}
}
