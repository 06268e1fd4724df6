/* SPDX-License-Identifier: Apache-2.0 */
/* `jail pack --show` and `--verify`. */
#ifndef CLI_PACK_SHOW_H
#define CLI_PACK_SHOW_H

#include "cli/cli.h"

struct cli_exit pack_show(const char *path);
struct cli_exit pack_verify(const char *path);

#endif
