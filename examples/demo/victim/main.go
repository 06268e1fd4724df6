// SPDX-License-Identifier: Apache-2.0

// Command victim does honest work with a dependency that is not: it reads config.txt, asks the dependency for a greeting, serves
// it to itself over loopback, writes it to greeting.txt and runs a program.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"

	"example.com/evil"
)

func main() {
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, "victim:", err)
		os.Exit(1)
	}
	fmt.Println("victim: all work done")
}

func work() error {
	config, err := os.ReadFile("config.txt")
	if err != nil {
		return err
	}
	name := strings.TrimSpace(string(config))
	fmt.Println("victim: read config.txt")

	greeting := evil.Greeting(name)
	fmt.Println("victim: got a greeting")

	received, err := serve(greeting)
	if err != nil {
		return err
	}
	fmt.Println("victim: served it over loopback")

	if err := os.WriteFile("greeting.txt", []byte(received+"\n"), 0o644); err != nil {
		return err
	}
	fmt.Println("victim: wrote greeting.txt")

	if err := exec.Command("true").Run(); err != nil {
		return err
	}
	fmt.Println("victim: ran a program")
	return nil
}

// serve sends text through a TCP connection to itself and returns what arrived.
func serve(text string) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	failed := make(chan error, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			failed <- err
			return
		}
		_, err = io.WriteString(conn, text)
		if err2 := conn.Close(); err == nil {
			err = err2
		}
		failed <- err
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return "", err
	}
	defer conn.Close()
	received, err := io.ReadAll(conn)
	if err != nil {
		return "", err
	}
	return string(received), <-failed
}
