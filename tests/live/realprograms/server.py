# SPDX-License-Identifier: Apache-2.0
"""A process that goes on beside the runs of a case."""

import fcntl
import os
import select
import signal
import socket
import subprocess
import tempfile
import time

TIMEOUT_S = 120


class Failure(Exception):
    pass


class Server:
    """Starts the command, and waits until it answers on its ports; at the end it gets the signal and has to end."""

    def __init__(self, command, ports, cwd, env, ended=None):
        self.ports = list(ports)
        self.ended = ended  # called with exit status, standard output and standard error
        self.out, self.err = output_file(), output_file()
        self.process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err)

    def __enter__(self):
        deadline = time.monotonic() + TIMEOUT_S
        for port in self.ports:
            while not answers(port):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    self.process.wait()
                    raise Failure("the server does not answer: %s" % self.said(self.err))
                time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired as hung:
            self.process.kill()
            raise Failure("the server does not end") from hung
        if self.ended:
            self.ended(self.process.returncode, self.said(self.out), self.said(self.err))

    @staticmethod
    def said(file):
        file.seek(0)
        return file.read()


def output_file():
    """
    What a process writes to. A file, since nobody reads it before the process ends, and what it leaves behind may keep it open. It is
    appended to: splice(2), with which Go copies from a child's pipe, loses what is written to another place of a file meanwhile.
    """
    file = tempfile.TemporaryFile()
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
    return file


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", int(port))).close()
        return True
    except ConnectionRefusedError:
        return False


class Left:
    """A process that is not our child. Whoever leaves the context waits until it has ended."""

    def __init__(self, pid_file):
        try:
            with open(pid_file, encoding="ascii") as file:
                self.process = os.pidfd_open(int(file.read()))
        except (OSError, ValueError) as error:
            raise Failure("the process was to be left behind: %s" % error) from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        ended, _, _ = select.select([self.process], [], [], TIMEOUT_S)
        if not ended:
            signal.pidfd_send_signal(self.process, signal.SIGKILL)
        os.close(self.process)
        if not ended:
            raise Failure("the process that was left behind does not end")
