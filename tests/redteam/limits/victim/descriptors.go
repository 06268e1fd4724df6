// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"net"
	"net/http"
	"os"

	"example.com/evil"
	"example.com/friend"
)

func init() {
	ways["directory"] = directory
	ways["daemon"] = daemon
	ways["listener"] = listener
	ways["link"] = link
	ways["idle"] = idle
}

func secret() string {
	data, err := os.ReadFile("secret")
	check(err)
	return string(data[:len(data)-1])
}

func directory() {
	check(os.MkdirAll("directory/"+secret(), 0o755))
	file, err := os.Open("directory")
	check(err)
	evil.Entries()
	file.Close()
}

// daemon is one that reads files for who asks over a socket, and main is connected to it.
func daemon() {
	server, err := net.Listen("unix", "socket")
	check(err)
	go func() {
		connection, err := server.Accept()
		check(err)
		name := make([]byte, 100)
		n, err := connection.Read(name)
		check(err)
		data, err := os.ReadFile(string(name[:n]))
		check(err)
		connection.Write(data)
	}()
	connection, err := net.Dial("unix", "socket")
	check(err)
	evil.Ask()
	connection.Close()
	server.Close()
}

func listener() {
	server, err := net.Listen("unix", "socket")
	check(err)
	connection, err := net.Dial("unix", "socket")
	check(err)
	io.WriteString(connection, secret())
	evil.Accept()
	connection.Close()
	server.Close()
}

func link() {
	check(os.Symlink(secret(), "link"))
	evil.Link()
}

// idle leaves a connection to a server for the next request.
func idle() {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go http.Serve(server, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path == "/evil" {
			friend.Say(os.ReadFile("secret"))
		}
	}))
	url := "http://" + server.Addr().String()
	response, err := http.Get(url)
	check(err)
	io.Copy(io.Discard, response.Body)
	check(response.Body.Close())
	evil.Request(url + "/evil")
	server.Close()
}
