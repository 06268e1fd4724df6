// SPDX-License-Identifier: Apache-2.0

package friend

import (
	"fmt"
	"os"
)

func Do(deed string) {
	data, err := os.ReadFile(os.Getenv("SECRET"))
	fmt.Printf("read: %s %v\n", data, err)
}
