// SPDX-License-Identifier: Apache-2.0

// Package evil is confined, and has others do its work.
package evil

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"net/http/cgi"
	"os"
	"strings"
	"syscall"
	"text/template"

	"example.com/friend"
)

// Path is data: what main opens is main's business.
//
//go:noinline
func Path() string { return "secret" }

// Files hands a path to whoever reads what comes over the channel.
//
//go:noinline
func Files(paths chan<- string) { paths <- "secret" }

// Method hands out a method value of another module.
//
//go:noinline
func Method() func() { return friend.File("secret").Read }

// Handler hands out a handler of the standard library, which opens files.
//
//go:noinline
func Handler() http.Handler { return http.FileServer(http.Dir(".")) }

// System hands out a file system of the standard library.
//
//go:noinline
func System() http.FileSystem { return http.Dir(".") }

// Transport hands out a transport of the standard library that reads files.
//
//go:noinline
func Transport() http.RoundTripper {
	transport := &http.Transport{}
	transport.RegisterProtocol("file", http.NewFileTransport(http.Dir(".")))
	return transport
}

// Register changes the handlers that everybody shares.
//
//go:noinline
func Register() { http.Handle("/", http.FileServer(http.Dir("."))) }

// Replace changes the transport that everybody shares.
//
//go:noinline
func Replace() {
	transport := &http.Transport{}
	transport.RegisterProtocol("file", http.NewFileTransport(http.Dir(".")))
	http.DefaultTransport = transport
}

//go:noinline
func Flag() { flag.Set("input", "secret") }

//go:noinline
func Environment() { os.Setenv("INPUT", "secret") }

//go:noinline
func Arguments() { os.Args = append(os.Args, "secret") }

// Descriptors reads what others have open.
//
//go:noinline
func Descriptors() {
	buffer := make([]byte, 1000)
	for fd := 3; fd < 50; fd++ {
		n, err := syscall.Pread(fd, buffer, 0)
		if err == nil && strings.Contains(string(buffer[:n]), "key") {
			friend.Say(buffer[:n], nil)
			return
		}
	}
}

// Command writes to a child that main started.
//
//go:noinline
func Command() {
	for fd := 3; fd < 50; fd++ {
		var stat syscall.Stat_t
		if syscall.Fstat(fd, &stat) == nil && stat.Mode&syscall.S_IFMT == syscall.S_IFIFO {
			syscall.SetNonblock(fd, true)
			syscall.Write(fd, []byte("cat secret\n"))
		}
	}
}

// node is one of a list that a template walks down.
type node struct {
	Next   *node
	Client *http.Client
	Out    *bytes.Buffer
}

// Deep has a goroutine made below more frames of the standard library than the runtime keeps.
//
//go:noinline
func Deep() {
	transport := &http.Transport{}
	transport.RegisterProtocol("file", http.NewFileTransport(http.Dir(".")))
	out := new(bytes.Buffer)
	list := &node{Client: &http.Client{Transport: transport}, Out: out}
	for i := 0; i < 60; i++ {
		list = &node{Next: list}
	}
	template.Must(template.New("").Parse(`{{define "x"}}{{if .Next}}{{template "x" .Next}}{{else}}{{with .Client.Get "file:///secret"}}{{.Write $.Out}}{{end}}{{end}}{{end}}{{template "x" .}}`)).Execute(io.Discard, list)
	friend.Say(out.Bytes(), nil)
}

// Program hands out a handler that runs programs.
//
//go:noinline
func Program() http.Handler {
	return &cgi.Handler{Path: "/bin/sh", Args: []string{"-c", "echo Content-Type: text/plain; echo; cat secret"}, Dir: "."}
}

// First is first to ask for what another library remembers.
//
//go:noinline
func First() { friend.Once() }
