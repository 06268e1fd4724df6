#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
One more variant of a table that runs programs under jail: the same rows on a kernel that refuses what Linux 5.3 did not have.

    run.py OLDER_KERNEL SCRIPT [ARGUMENT...]      OLDER_KERNEL is older_kernel.c's program
"""

import os
import sys


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    os.execv(sys.argv[1], [sys.argv[1], sys.executable, *sys.argv[2:]])


main()
