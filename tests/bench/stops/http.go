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

// load has n requests made by some clients at once.
func load(url string, clients, n int) {
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	client := &http.Client{Transport: transport}
	took := make([]time.Duration, n)
	next := make(chan int)
	var group sync.WaitGroup
	start := time.Now()
	for i := 0; i < clients; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := range next {
				begin := time.Now()
				response, err := client.Get(url)
				if err != nil {
					panic(err)
				}
				if _, err = io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != 200 {
					panic(fmt.Sprint(response.Status, err))
				}
				response.Body.Close()
				took[j] = time.Since(begin)
			}
		}()
	}
	for i := 0; i < n; i++ {
		next <- i
	}
	close(next)
	group.Wait()
	total := time.Since(start)
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	fmt.Println(took[n/2].Nanoseconds(), took[n*99/100].Nanoseconds(), float64(n)/total.Seconds())
}
