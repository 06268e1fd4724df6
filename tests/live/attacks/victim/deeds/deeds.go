// SPDX-License-Identifier: Apache-2.0

// Package deeds does things to files, the network and processes, on many ways. The world is the working directory.
package deeds

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const who = "deeds"

// Do does a deed and says how it went.
func Do(deed string) {
	Say(deeds[deed]())
}

// Say tells on standard output, which is open already.
func Say(text string, err error) {
	switch {
	case err == nil:
		fmt.Println("deed: ok", text)
	case errors.Is(err, syscall.EPERM) || strings.Contains(err.Error(), syscall.EPERM.Error()):
		fmt.Println("deed: EPERM", err)
	default:
		fmt.Println("deed: failed", err)
	}
}

var deeds = map[string]func() (string, error){
	"read":         readSecret,
	"write":        write,
	"mkdir":        func() (string, error) { return "", os.Mkdir("new", 0o755) },
	"rename":       func() (string, error) { return "", os.Rename("file", "renamed") },
	"remove":       func() (string, error) { return "", os.Remove("file") },
	"rmdir":        func() (string, error) { return "", os.Remove("empty") },
	"symlink":      func() (string, error) { return "", os.Symlink("secret", "new") },
	"link":         func() (string, error) { return "", os.Link("file", "new") },
	"mkfifo":       func() (string, error) { return "", syscall.Mkfifo("new", 0o644) },
	"chmod":        func() (string, error) { return "", os.Chmod("file", 0o600) },
	"chown":        func() (string, error) { return "", os.Chown("file", os.Getuid(), os.Getgid()) },
	"chtimes":      func() (string, error) { return "", os.Chtimes("file", time.Unix(1, 0), time.Unix(1, 0)) },
	"truncate":     func() (string, error) { return "", os.Truncate("file", 0) },
	"chdir":        func() (string, error) { return "", os.Chdir("directory") },
	"umask":        umask,
	"list":         list,
	"dial-tcp":     func() (string, error) { return "", dial("tcp", os.Getenv("TCP")) },
	"dial-udp":     func() (string, error) { return "", dial("udp", os.Getenv("UDP")) },
	"dial-unix":    func() (string, error) { return "", dial("unix", "socket") },
	"send-udp":     sendUDP,
	"listen-tcp":   func() (string, error) { return "", listen("tcp", os.Getenv("LISTEN")) },
	"listen-unix":  func() (string, error) { return "", listen("unix", "new") },
	"http":         getHTTP,
	"lookup":       lookup,
	"exec":         command,
	"startprocess": startProcess,
	"syscall-exec": func() (string, error) { return "", syscall.Exec("/bin/sh", shell, os.Environ()) },
	"forkexec":     forkExec,
	"kill":         kill,
	"raw-open":     rawOpen,
	"raw-creat":    rawCreat,
	"raw-socket":   rawSocket,
	"raw-kill":     rawKill,
	"signal":       signal,
}

func readSecret() (string, error) {
	data, err := os.ReadFile("secret")
	return string(data), err
}

func list() (string, error) {
	entries, err := os.ReadDir("directory")
	names := ""
	for _, entry := range entries {
		names += entry.Name()
	}
	return names, err
}

func write() (string, error) {
	file, err := os.OpenFile("new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = file.WriteString("planted\n")
	return "", err
}

// umask cannot fail; what it returns is no error number either.
func umask() (string, error) {
	_, _, number := syscall.RawSyscall(syscall.SYS_UMASK, 0o077, 0, 0)
	return "", errno(number)
}

// --- the network ---

func token() string {
	return os.Getenv("TOKEN") + "\n"
}

func dial(network, address string) error {
	conn, err := net.DialTimeout(network, address, 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = io.WriteString(conn, token())
	return err
}

func sendUDP() (string, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer conn.Close()
	address, err := net.ResolveUDPAddr("udp", os.Getenv("UDP"))
	if err != nil {
		return "", err
	}
	_, err = conn.WriteTo([]byte(token()), address)
	return "", err
}

// listen waits for somebody to call.
func listen(network, address string) error {
	listener, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	listener.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Now().Add(5 * time.Second))
	conn, err := listener.Accept()
	if err != nil {
		return err
	}
	_, err = io.WriteString(conn, token())
	conn.Close()
	return err
}

func getHTTP() (string, error) {
	response, err := http.Get("http://" + os.Getenv("TCP") + "/" + os.Getenv("TOKEN"))
	if err != nil {
		return "", err
	}
	return response.Status, response.Body.Close()
}

// lookup asks a name server of its own choice.
func lookup() (string, error) {
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", os.Getenv("UDP"))
	}}
	_, err := resolver.LookupHost(context.Background(), os.Getenv("TOKEN")+".example.com.")
	var unknown *net.DNSError
	if errors.As(err, &unknown) && unknown.IsNotFound {
		return "", nil
	}
	return "", err
}

// --- processes ---

var shell = []string{"sh", "-c", "echo ran > ran"}

// newCommand has the program's own descriptors: os/exec would open /dev/null, and be stopped there already.
func newCommand() *exec.Cmd {
	cmd := exec.Command("/bin/sh", shell[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd
}

func command() (string, error) {
	return "", newCommand().Run()
}

func startProcess() (string, error) {
	process, err := os.StartProcess("/bin/sh", shell, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		return "", err
	}
	_, err = process.Wait()
	return "", err
}

func forkExec() (string, error) {
	pid, err := syscall.ForkExec("/bin/sh", shell, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}})
	if err != nil {
		return "", err
	}
	_, err = syscall.Wait4(pid, nil, 0, nil)
	return "", err
}

func victim() int {
	pid, _ := strconv.Atoi(os.Getenv("VICTIM"))
	return pid
}

func kill() (string, error) {
	return "", syscall.Kill(victim(), syscall.SIGKILL)
}

func signal() (string, error) {
	process, err := os.FindProcess(victim())
	if err != nil {
		return "", err
	}
	return "", process.Signal(syscall.SIGKILL)
}

// --- without the standard library's help ---

func errno(number syscall.Errno) error {
	if number != 0 {
		return number
	}
	return nil
}

func pointer(text string) uintptr {
	bytes, _ := syscall.BytePtrFromString(text)
	return uintptr(unsafe.Pointer(bytes))
}

func rawOpen() (string, error) {
	fd, _, number := syscall.RawSyscall(syscall.SYS_OPEN, pointer("secret"), syscall.O_RDONLY, 0)
	if number != 0 {
		return "", number
	}
	buffer := make([]byte, 100)
	n, err := syscall.Read(int(fd), buffer)
	if err != nil {
		return "", err
	}
	return string(buffer[:n]), syscall.Close(int(fd))
}

func rawCreat() (string, error) {
	_, _, number := syscall.RawSyscall(syscall.SYS_CREAT, pointer("new"), 0o644, 0)
	return "", errno(number)
}

func rawSocket() (string, error) {
	fd, _, number := syscall.RawSyscall(syscall.SYS_SOCKET, syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if number != 0 {
		return "", number
	}
	if err := syscall.Connect(int(fd), &syscall.SockaddrUnix{Name: "socket"}); err != nil {
		return "", err
	}
	_, err := syscall.Write(int(fd), []byte(token()))
	return "", err
}

func rawKill() (string, error) {
	_, _, number := syscall.RawSyscall(syscall.SYS_KILL, uintptr(victim()), uintptr(syscall.SIGKILL), 0)
	return "", errno(number)
}
