// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sort"
	"sync"
	"time"
)

// serve serves the files of a directory until standard input ends.
func serve(directory string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	go http.Serve(listener, http.FileServer(http.Dir(directory)))
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// load has n requests made by some clients: as fast as they are answered, or so many in a second, whether or not earlier ones have been.
func load(url string, clients, n int, rate float64) {
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	client := &http.Client{Transport: transport}
	took := make([]time.Duration, n)
	type request struct {
		number int
		due    time.Time
	}
	next := make(chan request)
	if rate > 0 {
		next = make(chan request, n)
	}
	var group sync.WaitGroup
	start := time.Now()
	for i := 0; i < clients; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for request := range next {
				begin := request.due
				if rate == 0 {
					begin = time.Now()
				}
				response, err := client.Get(url)
				if err != nil {
					panic(err)
				}
				if _, err = io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != 200 {
					panic(fmt.Sprint(response.Status, err))
				}
				response.Body.Close()
				took[request.number] = time.Since(begin)
			}
		}()
	}
	for i := 0; i < n; i++ {
		if rate > 0 {
			time.Sleep(time.Until(start.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		}
		next <- request{i, time.Now()}
	}
	close(next)
	group.Wait()
	total := time.Since(start)
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	fmt.Println(took[n/2].Nanoseconds(), took[n*99/100].Nanoseconds(), float64(n)/total.Seconds())
}
