// SPDX-License-Identifier: Apache-2.0

//go:build go1.21

package deeds

import (
	"context"
	"flag"
	"sync"
	"time"
)

func init() {
	more["context"] = func(deed string) {
		ctx, cancel := context.WithCancel(context.Background())
		wait(func(done func()) {
			context.AfterFunc(ctx, func() {
				defer done()
				Do(deed)
			})
			cancel()
		})
	}
	more["context-std"] = func(string) {
		armFlags()
		ctx, cancel := context.WithCancel(context.Background())
		context.AfterFunc(ctx, flag.Parse)
		cancel()
		until(func() bool { return !exists("file") })
	}
	more["context-timer-std"] = func(string) {
		armFlags()
		ctx, cancel := context.WithCancel(context.Background())
		context.AfterFunc(ctx, flag.Parse)
		time.AfterFunc(time.Millisecond, cancel)
		until(func() bool { return !exists("file") })
	}
	// Goroutines of the standard library's own, one made by another, more than the runtime keeps ancestors.
	more["context-chain-std"] = func(string) {
		armFlags()
		last := flag.Parse
		for i := 0; i < 100; i++ {
			ctx, cancel := context.WithCancel(context.Background())
			context.AfterFunc(ctx, last)
			last = cancel
		}
		last()
		until(func() bool { return !exists("file") })
	}
	more["once-func-go"] = func(deed string) {
		wait(func(done func()) {
			go sync.OnceFunc(func() {
				defer done()
				Do(deed)
			})()
		})
	}
}

// OnceFunc is for main to call.
func OnceFunc(deed string) func() {
	return sync.OnceFunc(func() { Do(deed) })
}

// OnceValue likewise.
func OnceValue() func() string {
	return sync.OnceValue(func() string {
		text, err := readSecret()
		Say(text, err)
		return text
	})
}
