// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"time"

	"example.com/evil"
	"example.com/friend"
)

func init() {
	ways["timer"] = func() { evil.Timer(); said() }
	ways["finalizer"] = func() { evil.Finalizer(); said() }
	ways["queued"] = queued
}

// said waits until somebody has said something.
func said() {
	for i := 0; i < 1000; i++ {
		select {
		case <-friend.Said:
			return
		default:
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}
}

// queued has one connection at a time to a server. When it ends, main's goroutine dials for who waits.
func queued() {
	transport := http.DefaultTransport.(*http.Transport)
	transport.MaxConnsPerHost = 1
	server, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	waits := reflect.ValueOf(transport).Elem().FieldByName("connsPerHostWait")
	go http.Serve(server, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Connection", "close")
		if request.URL.Path == "/evil" {
			io.WriteString(w, secret())
			return
		}
		for waits.Len() == 0 {
			time.Sleep(time.Millisecond)
		}
	}))
	url := "http://" + server.Addr().String()
	done := make(chan bool)
	response := make(chan error)
	go func() {
		got, err := http.Get(url)
		if err == nil {
			_, _ = io.Copy(io.Discard, got.Body)
			got.Body.Close()
		}
		response <- err
	}()
	go func() {
		for reflect.ValueOf(transport).Elem().FieldByName("connsPerHost").Len() == 0 {
			time.Sleep(time.Millisecond)
		}
		evil.Fetch(url + "/evil")
		close(done)
	}()
	check(<-response)
	<-done
	server.Close()
}
