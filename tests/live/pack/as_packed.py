#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
One more variant of a table that runs programs under jail: the same rows with packed programs.

    as_packed.py --jail=build/jail SCRIPT [ARGUMENT...]      SCRIPT gets a stand-in for jail, that packs where jail would run,
                                                             as $JAIL and in the place of {jail} in its arguments
"""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def stand_in(jail, directory):
    """An executable in directory that every user can run; it says `jail` of itself."""
    os.chmod(directory, 0o755)
    real = shutil.copy(jail, os.path.join(directory, "jail.real"))
    cache = os.path.join(directory, "packed")
    os.mkdir(cache)
    os.chmod(cache, 0o1777)
    with open(os.path.join(HERE, "as_packed.sh"), encoding="utf-8") as file:
        text = file.read().replace("@REAL@", real).replace("@CACHE@", cache)
    path = os.path.join(directory, "jail")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


def main():
    jail, script, arguments = os.environ.get("JAIL"), None, sys.argv[1:]
    if arguments and arguments[0].startswith("--jail="):
        jail = arguments.pop(0)[len("--jail="):]
    if not jail or not arguments:
        sys.exit(__doc__)
    script = arguments.pop(0)
    with tempfile.TemporaryDirectory(prefix="jail-packed-") as directory:
        environment = dict(os.environ, JAIL=stand_in(jail, directory))
        arguments = [argument.replace("{jail}", environment["JAIL"]) for argument in arguments]
        status = subprocess.run([sys.executable, script, *arguments], env=environment, check=False).returncode
        if status == 0 and not os.listdir(os.path.join(directory, "packed")):
            print("FAILED: nothing was packed")
            status = 1
        sys.exit(status)


main()
