// SPDX-License-Identifier: Apache-2.0

package closure

import "os"

// Later is compiled into main. Its closure captures nothing, so that the binary keeps no trace of the call that made it, and is named
// after main's function; where it is from only its file says.
//
//line FRIENDFILE:20
func Later() func() ([]byte, error) { return func() ([]byte, error) { return os.ReadFile("secret") } }
