// SPDX-License-Identifier: Apache-2.0

// Command app needs what the standard library reads once and remembers, after evil, a confined module, has been the first to: app
// first WHAT evil. app first WHAT none is how it should be. In app steal WHAT, evil would have something else read; app race has
// another thread rewrite the path.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"mime"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"example.com/evil"
)

func main() {
	switch os.Args[1] {
	case "first":
		if os.Args[3] == "evil" {
			evil.First(os.Args[2])
		}
		fmt.Println("main:", uses[os.Args[2]]())
	case "steal":
		evil.Steal(os.Args[2], os.Getenv("WORLD"))
	case "race":
		evil.Race(os.Getenv("SECRET"))
	case "stuck":
		stuck(os.Args[2])
	case "certificate":
		certificate()
	}
	fmt.Println("app: all work done")
}

// uses says what the program sees of it.
var uses = map[string]func() string{
	"localtime": func() string { return time.Unix(1700000000, 0).Local().String() },
	"roots": func() string {
		pool, err := x509.SystemCertPool()
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(len(pool.Subjects()))
	},
	"mime": func() string { return mime.TypeByExtension(".jailtest") + mime.TypeByExtension(".deb") },
	"resolver": func() string {
		addresses, err := net.LookupHost("localhost")
		return fmt.Sprint(addresses, err)
	},
	"services": func() string {
		port, err := net.LookupPort("tcp", "ldap")
		return fmt.Sprint(port, err)
	},
	"protocols": func() string {
		_, err := net.Dial("ip4:egp", "300.0.0.1")
		return fmt.Sprint(err)
	},
	"ipstack": func() string {
		listener, err := net.Listen("tcp", ":0")
		if err != nil {
			return err.Error()
		}
		text := listener.Addr().String()
		connection, err := net.Dial("tcp", text)
		return fmt.Sprint(text[:strings.LastIndex(text, ":")], connection != nil, err)
	},
	"pidfd": func() string {
		child := exec.Command("/bin/sleep", "10")
		if err := child.Start(); err != nil {
			return err.Error()
		}
		count := 0
		for fd := 0; fd < 64; fd++ {
			link, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
			if link == "anon_inode:[pidfd]" || strings.HasPrefix(link, "pidfd:") {
				count++
			}
		}
		return fmt.Sprint(count, child.Process.Kill(), child.Wait())
	},
	"user": func() string {
		current, err := user.Current()
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(*current)
	},
}

// stuck has evil be the first while another thread is in a call that nothing but its end interrupts.
func stuck(path string) {
	go os.Stat(path)
	for state := ""; !strings.Contains(state, ") D "); {
		stats, _ := filepath.Glob("/proc/self/task/*/stat")
		state = ""
		for _, stat := range stats {
			data, _ := os.ReadFile(stat)
			state += string(data)
		}
	}
	evil.First("localtime")
}

// certificate prints an authority of a name that no system trusts.
func certificate() {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "LEAKED"}, IsCA: true,
		BasicConstraintsValid: true, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	_ = pem.Encode(os.Stdout, &pem.Block{Type: "CERTIFICATE", Bytes: der})
}
