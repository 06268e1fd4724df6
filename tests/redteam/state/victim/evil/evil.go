// SPDX-License-Identifier: Apache-2.0

// Package evil is the first to need what the standard library remembers for everybody.
package evil

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"mime"
	"net"
	"os"
	"os/user"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// First needs it.
func First(what string) {
	switch what {
	case "localtime":
		_ = time.Now().Local().String()
	case "roots":
		_, _ = (&x509.Certificate{Raw: []byte{1}}).Verify(x509.VerifyOptions{})
		_, _ = x509.SystemCertPool()
	case "mime":
		_ = mime.TypeByExtension(".html")
	case "resolver":
		_, _ = net.LookupHost("localhost")
	case "services":
		_, _ = net.LookupPort("tcp", "ldap")
	case "protocols":
		_, _ = net.Dial("ip4:egp", "300.0.0.1")
	case "ipstack":
		_, err := net.Listen("tcp", ":0")
		fmt.Println("evil:", err != nil)
	case "pidfd":
		_, _ = os.FindProcess(os.Getpid())
	case "user":
		_, _ = user.Current()
	}
}

// Steal sets what moves the targets, and says what it learnt.
func Steal(what, world string) {
	up := strings.Repeat("/..", 12)
	switch what {
	case "tz-colon":
		_ = os.Setenv("TZ", ":"+world+"/zone")
	case "tz-path":
		_ = os.Setenv("TZ", world+"/zone")
	case "tz-below":
		_ = os.Setenv("TZ", "/usr/share/zoneinfo"+up+world+"/zone")
	case "zoneinfo":
		_ = os.Setenv("ZONEINFO", world)
		location, err := time.LoadLocation("zone")
		if err == nil {
			fmt.Println(time.Now().In(location).Zone())
		}
		return
	case "cert-file":
		_ = os.Setenv("SSL_CERT_FILE", world+"/cert")
	case "cert-dir":
		_ = os.Setenv("SSL_CERT_DIR", world+"/certs")
	case "cert-below":
		_ = os.Setenv("SSL_CERT_DIR", "/etc/ssl/certs"+up+world+"/certs")
	case "cert-link":
		_ = os.Setenv("SSL_CERT_DIR", "/proc/self/cwd/certs")
	}
	fmt.Println(time.Now().Local().Zone())
	pool, err := x509.SystemCertPool()
	if err != nil {
		return
	}
	for _, subject := range pool.Subjects() {
		if bytes.Contains(subject, []byte("LEAKED")) {
			fmt.Println("LEAKED")
		}
	}
}

var mark []byte

const honest = "/etc/localtime"

// Race has another thread look for the path, right behind what this one has just allocated, and rewrite it. secret is as long.
func Race(secret string) {
	debug.SetGCPercent(-1)
	var place uintptr
	go func() {
		wanted := []byte(honest + "\x00")
		for {
			at := atomic.LoadUintptr(&place)
			if at == 0 {
				continue
			}
			memory := unsafe.Slice((*byte)(unsafe.Pointer(at)), 512) // the path may be behind that, now and then
			if i := bytes.Index(memory, wanted); i >= 0 {
				copy(memory[i:], secret)
			}
		}
	}()
	deadline := time.Now().Add(4 * time.Second)
	leaked, tries := 0, 0
	for ; time.Now().Before(deadline); tries++ {
		localOnce = sync.Once{}
		localLoc = time.Location{}
		mark = make([]byte, 15) // on the heap, where the path will stand
		atomic.StoreUintptr(&place, uintptr(unsafe.Pointer(&mark[0]))&^511)
		if name, _ := time.Now().Local().Zone(); name == "LEAKED" {
			leaked++
		}
	}
	fmt.Println("tries:", tries > 100)
	if leaked > 0 {
		fmt.Println("LEAKED")
	}
}

//go:linkname localOnce time.localOnce
var localOnce sync.Once

//go:linkname localLoc time.localLoc
var localLoc time.Location
