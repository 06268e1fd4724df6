# SPDX-License-Identifier: Apache-2.0
"""The supervisor's memory, while a large program runs under it."""

import os
import re
import socket
import subprocess
import time

PATIENCE_S = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise TimeoutError("the server does not answer")


def field(path, name):
    """A field of a file below /proc, in KiB."""
    with open(path, encoding="utf-8") as file:
        return int(re.search(r"^%s:\s*(\d+)" % name, file.read(), re.M).group(1))


def of_supervisor(bench):
    """Peak and present memory of the supervisor of an rclone that serves files and has been asked for some, in bytes."""
    go_mod = bench.usual_policy(bench.options.rclone, "rclone")
    port = free_port()
    front = [bench.jail, "run", "-q", "--permissive", "--go-mod=" + go_mod, "--"]
    program = subprocess.Popen([*front, bench.options.rclone, "--config=", "serve", "http", "--addr=127.0.0.1:%d" % port, bench.directory],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"GET / HTTP/1.0\r\n\r\n")
                while client.recv(65536):
                    pass
        with open("/proc/%d/status" % program.pid, encoding="utf-8") as file:
            tracer = int(re.search(r"^TracerPid:\s*(\d+)", file.read(), re.M).group(1))
        return {
            "peak": field("/proc/%d/status" % tracer, "VmHWM") * 1024,
            "resident": field("/proc/%d/status" % tracer, "VmRSS") * 1024,
            "of its own": (field("/proc/%d/status" % tracer, "RssAnon")) * 1024,
            "program": os.path.getsize(bench.options.rclone),
        }
    finally:
        program.terminate()
        program.wait()
