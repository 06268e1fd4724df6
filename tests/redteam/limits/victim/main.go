// SPDX-License-Identifier: Apache-2.0

// Command app uses what others gave it.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"

	"example.com/evil"
	"example.com/evil/closure"
	"example.com/evil/inlined"
	"example.com/evil/unheard"
	"example.com/friend"
)

var input = flag.String("input", "config", "the file to read")

var ways = map[string]func(){
	"path":     func() { friend.Say(os.ReadFile(evil.Path())) },
	"channel":  overChannel,
	"method":   func() { evil.Method()() },
	"handler":  func() { serve(evil.Handler(), "/secret") },
	"system":   system,
	"mux":      func() { evil.Register(); serve(http.DefaultServeMux, "/secret") },
	"client":   func() { get(&http.Client{Transport: evil.Transport()}) },
	"default":  func() { evil.Replace(); get(http.DefaultClient) },
	"flag":     func() { evil.Flag(); friend.Say(os.ReadFile(*input)) },
	"environ":  func() { evil.Environment(); friend.Say(os.ReadFile(os.Getenv("INPUT"))) },
	"args":     func() { evil.Arguments(); friend.Say(os.ReadFile(os.Args[len(os.Args)-1])) },
	"fd":       descriptors,
	"pipe":     pipe,
	"inlined":  func() { friend.Say(inlined.Steal()) },
	"closure":  lateClosure,
	"unheard":  unheard.Steal,
	"once":     func() { friend.Say(friend.Cached()) },
	"cgi":      func() { serve(evil.Program(), "/") },
	"deep":     deep,
	"remember": func() { evil.First(); friend.Say(friend.Cached()) },
}

func deep() {
	done := make(chan bool)
	go func() {
		evil.Deep()
		close(done)
	}()
	<-done
}

func overChannel() {
	paths := make(chan string, 1)
	evil.Files(paths)
	friend.Say(os.ReadFile(<-paths))
}

func serve(handler http.Handler, path string) {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
	friend.Say(recorder.Body.Bytes(), nil)
}

func get(client *http.Client) {
	response, err := client.Get("file:///secret")
	check(err)
	friend.Say(io.ReadAll(response.Body))
}

func system() {
	file, err := evil.System().Open("secret")
	check(err)
	friend.Say(io.ReadAll(file))
}

func descriptors() {
	file, err := os.Open("secret")
	check(err)
	evil.Descriptors()
	file.Close()
}

func pipe() {
	shell := exec.Command("/bin/sh")
	shell.Stdout = os.Stdout
	stdin, err := shell.StdinPipe()
	check(err)
	check(shell.Start())
	evil.Command()
	stdin.Close()
	shell.Wait()
}

func main() {
	flag.Parse()
	config, err := os.ReadFile("config")
	check(err)
	ways[os.Args[1]]()
	check(os.WriteFile(os.Getenv("WORLD")+"/work", append([]byte("done with "), config...), 0o644))
	fmt.Println("app: all work done")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// later is called when it has been made.
var later func() ([]byte, error)

func lateClosure() {
	later = closure.Later()
	friend.Say(later())
}
