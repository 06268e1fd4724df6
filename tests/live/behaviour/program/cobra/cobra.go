// SPDX-License-Identifier: Apache-2.0

// Package cobra runs commands that the program gives it, as command-line libraries do.
package cobra

import "os"

// Command is a command.
type Command struct {
	Run    func() error
	Config string // a file that Execute reads itself, if it is named
}

// Execute runs it.
func (c *Command) Execute() error {
	if c.Config != "" {
		if _, err := os.ReadFile(c.Config); err != nil {
			return err
		}
	}
	return c.Run()
}
