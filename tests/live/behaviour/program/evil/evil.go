// SPDX-License-Identifier: Apache-2.0

// Package evil is what the tests confine.
package evil

import (
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"time"
)

// Read reads a file.
func Read(path string) (string, error) {
	data, err := os.ReadFile(path)
	return string(data), err
}

// Write writes one.
func Write(path string) error {
	return os.WriteFile(path, []byte("planted\n"), 0o644)
}

// Zone is the local time zone of a moment in winter.
func Zone() string {
	zone, offset := time.Unix(1700000000, 0).In(time.Local).Zone()
	return fmt.Sprint(zone, offset)
}

// Roots counts the system's certificate authorities.
func Roots() string {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(len(pool.Subjects()))
}

// Lookup asks the resolver for a name that needs no name server.
func Lookup() string {
	addresses, err := net.LookupHost("localhost")
	return fmt.Sprint(addresses, err)
}
