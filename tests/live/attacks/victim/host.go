// SPDX-License-Identifier: Apache-2.0

package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/rpc"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"sync"
	"text/template"

	"example.com/deeds"
	"example.com/deeds/lone"
)

func init() {
	hosts["deeds"] = hostDeeds
}

// moreOfDeeds has the routes that newer releases of Go have.
var moreOfDeeds = map[string]func(deed string){}

// hostDeeds has routes through code of the main module, and leaves the others to the package itself.
func hostDeeds(route, deed string) {
	if f, ok := moreOfDeeds[route]; ok {
		f(deed)
		return
	}
	switch route {
	case "inlined":
		deeds.Say(deeds.Inlined())
	case "inlined-closure":
		later = deeds.Closure()
		deeds.Say(later())
	case "inlined-lone":
		later = lone.Closure()
		deeds.Say(later())
	case "inlined-at-once":
		deeds.Say(lone.Closure()())
	case "turns-std":
		// One goroutine makes others, for itself and for somebody else.
		wait := make(chan bool)
		go func() {
			work()
			deeds.Start(func() { go os.Remove("file") })
			work()
			close(wait)
		}()
		<-wait
	case "inlined-go":
		wait := make(chan bool)
		deeds.Spawn(deed, wait)
		<-wait
	case "generic":
		type local struct{ n int }
		deeds.Generic(local{1}, deed)
	case "generic-method":
		type local struct{ n int }
		deeds.Box[local]{}.Open(deed)
	case "interface":
		var value interface{ Steal(deed string) } = deeds.New()
		value.Steal(deed)
	case "method-value":
		steal := deeds.New().Steal
		steal(deed)
	case "reflect-call":
		reflect.ValueOf(deeds.Do).Call([]reflect.Value{reflect.ValueOf(deed)})
	case "reflect-makefunc":
		made := reflect.MakeFunc(reflect.TypeOf(deeds.Do), deeds.Made)
		made.Interface().(func(string))(deed)
	case "sort":
		sort.Slice([]int{3, 1, 2}, deeds.Less)
	case "walk":
		check(filepath.Walk(".", deeds.Visit))
	case "walkdir":
		check(filepath.WalkDir(".", deeds.VisitEntry))
	case "writer":
		_, err := io.Copy(deeds.New(), strings.NewReader("text"))
		check(err)
	case "round-tripper":
		response, err := (&http.Client{Transport: deeds.New()}).Get("http://example.com/")
		check(err)
		check(response.Body.Close())
	case "sql":
		sql.Register("deeds", deeds.New())
		base, err := sql.Open("deeds", "")
		check(err)
		_ = base.Ping()
		check(base.Close())
	case "rpc":
		near, far := net.Pipe()
		server := rpc.NewServer()
		check(server.RegisterName("Deeds", deeds.Service{}))
		go server.ServeConn(far)
		client := rpc.NewClient(near)
		check(client.Call("Deeds.Steal", deed, new(int)))
		check(client.Close())
	case "once":
		var once sync.Once
		once.Do(deeds.Once)
	case "map":
		_ = strings.Map(deeds.Rune, "x")
	case "pool":
		pool := sync.Pool{New: deeds.Fill}
		_ = pool.Get()
	case "stringer":
		_ = fmt.Sprint(deeds.New())
	case "json":
		_, err := json.Marshal(deeds.New())
		check(err)
	case "template":
		check(template.Must(template.New("").Parse("{{.Run}}\n")).Execute(os.Stdout, deeds.New()))
	case "reader":
		_, err := io.Copy(os.Stdout, deeds.New())
		deeds.Say("", err)
	case "worker":
		deeds.Jobs <- deed
		<-deeds.Done
	case "handler":
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		check(err)
		go http.Serve(listener, http.HandlerFunc(deeds.Serve))
		response, err := http.Get("http://" + listener.Addr().String())
		check(err)
		check(response.Body.Close())
	default:
		deeds.Route(route, deed)
	}
}
