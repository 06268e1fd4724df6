// SPDX-License-Identifier: Apache-2.0

package deeds

import (
	"database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"sync"
	"time"
)

// mine says whether the arguments ask this package for a route; before main runs, nobody else can.
func mine(route string) bool {
	return len(os.Args) == 4 && os.Args[1] == who && os.Args[2] == route
}

var _ = atStart("variable")

func atStart(route string) bool {
	if mine(route) {
		Do(os.Args[3])
	}
	return true
}

func init() {
	atStart("init")
	if mine("init-go") {
		done := make(chan bool)
		go func() {
			Do(os.Args[3])
			close(done)
		}()
		<-done
	}
	if mine("worker") {
		go func() {
			Do(<-Jobs)
			Done <- true
		}()
	}
}

// Jobs and Done are of a goroutine that init starts.
var (
	Jobs = make(chan string)
	Done = make(chan bool)
)

// more has the routes of other files: those of C code, and those that newer releases of Go have.
var more = map[string]func(deed string){}

// Route has the routes that begin here.
func Route(route, deed string) {
	if f, ok := more[route]; ok {
		f(deed)
		return
	}
	switch route {
	case "variable", "init", "init-go", "constructor": // has been
	case "direct":
		Do(deed)
	case "go-closure":
		wait(func(done func()) {
			go func() {
				defer done()
				Do(deed)
			}()
		})
	case "go-method":
		wait(func(done func()) {
			go value{done: done}.StealAndSay(deed)
		})
	case "go-method-value":
		wait(func(done func()) {
			steal := value{done: done}.StealAndSay
			go steal(deed)
		})
	case "go-std":
		go os.Remove("file")
		until(func() bool { return !exists("file") })
	case "go-go":
		wait(func(done func()) {
			go func() {
				go func() {
					go func() {
						defer done()
						Do(deed)
					}()
				}()
			}()
		})
	case "defer":
		func() { defer Do(deed) }()
	case "defer-std":
		func() { defer os.Remove("file") }()
	case "defer-panic":
		panicking(func() { panic("on purpose") }, deed)
	case "defer-nil":
		panicking(func() { _ = *nothing }, deed)
	case "defer-goexit":
		wait(func(done func()) {
			go func() {
				defer done()
				defer Do(deed)
				runtime.Goexit()
			}()
		})
	case "timer":
		wait(func(done func()) {
			time.AfterFunc(time.Millisecond, func() {
				defer done()
				Do(deed)
			})
		})
	case "finalizer":
		wait(func(done func()) {
			runtime.SetFinalizer(&value{}, func(*value) {
				defer done()
				Do(deed)
			})
			collect()
		})
	case "finalizer-std":
		// Neither its own frames nor its creator's say who wanted it.
		runtime.SetFinalizer(newCommand(), (*exec.Cmd).Run)
		collect()
		until(func() bool { return exists("ran") })
	case "lock-thread":
		wait(func(done func()) {
			go func() {
				runtime.LockOSThread() // and the thread ends with the goroutine
				defer done()
				Do(deed)
			}()
		})
	case "deep":
		deep(10000, deed)
	case "grown":
		// On a goroutine whose stack has been moved.
		wait(func(done func()) {
			go func() {
				defer done()
				deep(3000, "")
				Do(deed)
			}()
		})
	case "go-deep":
		deepGo(30, deed)
	case "go-reflect-std":
		go reflect.ValueOf(os.Remove).Call([]reflect.Value{reflect.ValueOf("file")})
		until(func() bool { return !exists("file") })
	case "timer-std":
		armFlags()
		time.AfterFunc(time.Millisecond, flag.Parse)
		until(func() bool { return !exists("file") })
	case "reflect":
		reflect.ValueOf(value{}).MethodByName("Steal").Call([]reflect.Value{reflect.ValueOf(deed)})
	default:
		fmt.Println("no such route:", route)
		os.Exit(3)
	}
}

// armFlags makes flag.Parse a function of the standard library's that removes a file.
func armFlags() {
	flag.CommandLine.Init("", flag.ContinueOnError)
	flag.CommandLine.SetOutput(io.Discard)
	flag.Func("remove", "", os.Remove)
	os.Args = []string{"", "-remove=file"}
}

var nothing *int

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// until is patient for a while.
func until(done func() bool) {
	for i := 0; i < 100 && !done(); i++ {
		time.Sleep(3 * time.Millisecond)
	}
}

func wait(start func(done func())) {
	ended := make(chan bool)
	var once sync.Once
	start(func() { once.Do(func() { close(ended) }) })
	<-ended
}

func collect() {
	for i := 0; i < 3; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

func panicking(f func(), deed string) {
	defer func() {
		Do(deed)
		_ = recover()
	}()
	f()
}

//go:noinline
func deep(n int, deed string) int {
	if n > 0 {
		return deep(n-1, deed) + 1
	}
	if deed != "" {
		Do(deed)
	}
	return 0
}

func deepGo(n int, deed string) {
	wait(func(done func()) {
		go func() {
			defer done()
			if n == 0 {
				Do(deed)
			} else {
				deepGo(n-1, deed)
			}
		}()
	})
}

// --- for host.go ---

// Inlined is inlined into whoever calls it, and nothing of this package is left but its record.
func Inlined() (string, error) {
	data, err := os.ReadFile("secret")
	return string(data), err
}

// Closure, inlined, gives its caller a function that is named after the caller.
func Closure() func() (string, error) {
	return func() (string, error) {
		data, err := readFile()
		return string(data), err
	}
}

var readFile = func() ([]byte, error) { return os.ReadFile("secret") }

// Start has somebody else's function start the goroutine that removes the file.
func Start(f func()) {
	f()
	until(func() bool { return !exists("file") })
}

// Spawn, inlined, has its caller start the goroutine.
func Spawn(deed string, done chan bool) {
	go func() {
		Do(deed)
		done <- true
	}()
}

// Generic is instantiated with a type of the main module.
func Generic[T any](_ T, deed string) {
	Do(deed)
}

// Box is generic, too.
type Box[T any] struct{ value T }

// Open does the deed.
func (box Box[T]) Open(deed string) {
	Do(deed)
}

type value struct {
	done func()
	read *bool
}

// New makes something with many methods.
func New() *value {
	return &value{read: new(bool)}
}

func (v value) Steal(deed string) { Do(deed) }

func (v value) StealAndSay(deed string) {
	defer v.done()
	Do(deed)
}

func (v value) String() string {
	Do(os.Args[3])
	return ""
}

func (v value) MarshalJSON() ([]byte, error) {
	Do(os.Args[3])
	return []byte("{}"), nil
}

func (v value) Run() string {
	Do(os.Args[3])
	return ""
}

// Read is asked for the content of the secret, which it has not opened yet.
func (v value) Read(buffer []byte) (int, error) {
	if *v.read {
		return 0, io.EOF
	}
	*v.read = true
	text, err := readSecret()
	return copy(buffer, text), err
}

// Made is for reflect.MakeFunc.
func Made(args []reflect.Value) []reflect.Value {
	Do(args[0].String())
	return nil
}

var once sync.Once

// Once is for sync.Once.
func Once() { Do(os.Args[3]) }

// Less is for sort.Slice.
func Less(i, j int) bool {
	once.Do(Once)
	return i < j
}

// Visit is for filepath.Walk.
func Visit(string, os.FileInfo, error) error {
	once.Do(Once)
	return nil
}

// VisitEntry is for filepath.WalkDir.
func VisitEntry(string, fs.DirEntry, error) error {
	once.Do(Once)
	return nil
}

// RoundTrip makes a transport of a value.
func (v value) RoundTrip(*http.Request) (*http.Response, error) {
	Do(os.Args[3])
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// Write makes a writer of it.
func (v value) Write(buffer []byte) (int, error) {
	once.Do(Once)
	return len(buffer), nil
}

// Open makes a driver of databases of it.
func (v value) Open(string) (driver.Conn, error) {
	Do(os.Args[3])
	return nil, errors.New("there is no database")
}

// Service is for net/rpc.
type Service struct{}

// Steal is a procedure.
func (Service) Steal(deed string, _ *int) error {
	Do(deed)
	return nil
}

// Rune is for strings.Map.
func Rune(r rune) rune {
	Do(os.Args[3])
	return r
}

// Fill is for sync.Pool.
func Fill() interface{} {
	Do(os.Args[3])
	return 1
}

// Serve is a handler of net/http.
func Serve(w http.ResponseWriter, _ *http.Request) {
	Do(os.Args[3])
}
