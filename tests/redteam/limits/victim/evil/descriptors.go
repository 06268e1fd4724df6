// SPDX-License-Identifier: Apache-2.0

package evil

import (
	"io"
	"net/http"
	"os"
	"syscall"
	"time"

	"example.com/friend"
)

// open has the descriptors of a kind that somebody opened.
func open(kind uint32) []int {
	found := []int{}
	for fd := 3; fd < 50; fd++ {
		var stat syscall.Stat_t
		if syscall.Fstat(fd, &stat) == nil && stat.Mode&syscall.S_IFMT == kind {
			found = append(found, fd)
		}
	}
	return found
}

// patiently calls what would block again for a while.
func patiently(f func() (int, error)) (n int, err error) {
	for i := 0; i < 1000; i++ {
		if n, err = f(); err != syscall.EAGAIN {
			return n, err
		}
		time.Sleep(time.Millisecond)
	}
	return n, err
}

// Entries lists a directory that others have open.
//
//go:noinline
func Entries() {
	buffer := make([]byte, 4000)
	for _, fd := range open(syscall.S_IFDIR) {
		n, err := syscall.ReadDirent(fd, buffer)
		if err != nil {
			continue
		}
		_, _, names := syscall.ParseDirent(buffer[:n], -1, nil)
		for _, name := range names {
			friend.Say([]byte(name), nil)
		}
	}
}

// Ask asks a daemon that others are connected to.
//
//go:noinline
func Ask() {
	buffer := make([]byte, 100)
	for _, fd := range open(syscall.S_IFSOCK) {
		fd := fd
		if _, err := syscall.Write(fd, []byte("secret")); err != nil {
			continue
		}
		n, err := patiently(func() (int, error) { return syscall.Read(fd, buffer) })
		if err == nil {
			friend.Say(buffer[:n], nil)
			return
		}
	}
}

// Accept takes a connection that was meant for others.
//
//go:noinline
func Accept() {
	buffer := make([]byte, 100)
	for _, fd := range open(syscall.S_IFSOCK) {
		fd := fd
		connection, err := patiently(func() (int, error) {
			connection, _, err := syscall.Accept(fd)
			return connection, err
		})
		if err != nil {
			continue
		}
		n, err := syscall.Read(connection, buffer)
		friend.Say(buffer[:n], err)
		syscall.Close(connection)
	}
}

// Link reads where a symbolic link leads.
//
//go:noinline
func Link() {
	text, err := os.Readlink("link")
	friend.Say([]byte(text), err)
}

// Request goes over a connection that somebody has made.
//
//go:noinline
func Request(url string) {
	response, err := http.Get(url)
	if err == nil {
		response.Body.Close()
	}
}

// Fetch asks a server.
//
//go:noinline
func Fetch(url string) {
	response, err := http.Get(url)
	if err != nil {
		friend.Say(nil, err)
		return
	}
	friend.Say(io.ReadAll(response.Body))
	response.Body.Close()
}

// Resume lets a coroutine go on.
//
//go:noinline
func Resume(next func() (int, bool)) { next() }
