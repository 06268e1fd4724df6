// SPDX-License-Identifier: Apache-2.0

// Command collector is the attacker's server: it writes its address to the file named first, and whatever it is sent to the file
// named second. It ends when its standard input does.
package main

import (
	"io"
	"net"
	"os"
	"time"
)

func main() {
	if len(os.Args) != 3 {
		fail("usage: collector ADDRESS-FILE LOOT-FILE")
	}
	loot, err := os.OpenFile(os.Args[2], os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	check(err)
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the deadline below
			}
			_, err = io.WriteString(loot, "connection\n")
			check(err)
			_, err = io.Copy(loot, conn)
			check(err)
			check(conn.Close())
		}
	}()
	// Renamed into place, so that whoever waits for the file finds the whole address in it.
	check(os.WriteFile(os.Args[1]+".new", []byte(listener.Addr().String()), 0o600))
	check(os.Rename(os.Args[1]+".new", os.Args[1]))
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
	// Connections that have been made are still served.
	check(listener.SetDeadline(time.Now().Add(200 * time.Millisecond)))
	<-done
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	os.Stderr.WriteString("collector: " + message + "\n")
	os.Exit(1)
}
