// SPDX-License-Identifier: Apache-2.0

// Command app changes what its supervisor may see of it, and then does what is to be judged.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"example.com/evil"
)

const nobody = 65534

func check(err error) {
	if err != nil {
		fmt.Println("app:", err)
		os.Exit(4)
	}
}

// act reads the file as main and as evil, and runs a child.
func act(who, path string) {
	_, mine := os.ReadFile(path)
	_, evils := evil.Read(path)
	child, err := exec.Command("/bin/echo", "child").Output()
	fmt.Println(who, syscall.Getuid(), "main:", mine, "evil:", evils, "child:", strings.TrimSpace(string(child)), err)
}

func drop() {
	check(syscall.Setgroups(nil))
	check(syscall.Setresgid(nobody, nobody, nobody))
	check(syscall.Setresuid(nobody, nobody, nobody))
}

func hide() {
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, 4, 0, 0) // PR_SET_DUMPABLE
	if errno != 0 {
		check(errno)
	}
}

// threads makes the runtime start some.
func threads() {
	started, end := make(chan bool), make(chan bool)
	for i := 0; i < 4; i++ {
		go func() {
			started <- true
			var fds [2]int
			check(syscall.Pipe(fds[:]))
			<-end
		}()
		<-started
	}
	close(end)
}

func main() {
	path := os.Args[1]
	for _, step := range os.Args[2:] {
		switch step {
		case "threads":
			threads()
		case "drop":
			drop()
		case "hide":
			hide()
		case "act":
			act("app", path)
		case "again": // a new image, with the environment taken away
			check(syscall.Exec("/proc/self/exe", []string{"app", path, "act"}, nil))
		case "child":
			command := exec.Command("/proc/self/exe", path, "act")
			command.Env = []string{"X=1"}
			output, err := command.Output()
			fmt.Print(string(output))
			check(err)
		case "wait":
			fmt.Println("ready")
			var byte [1]byte
			_, _ = os.Stdin.Read(byte[:])
			fmt.Println("went on")
		}
	}
}
