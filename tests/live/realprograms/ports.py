# SPDX-License-Identifier: Apache-2.0
"""Ports on loopback that nobody else takes while they are held."""

import fcntl
import os
import random
import socket

FIRST = 20000


class Ports:
    """
    Some free ports, held by files that are locked: other tests that ask here get others. They are below those that the kernel gives to
    who asks for any, so that no client's connection takes one between two runs that shall listen on it.
    """

    def __init__(self, directory, count):
        os.makedirs(directory, exist_ok=True)
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
            end = max(int(file.read().split()[0]), FIRST + 1000)
        self.locks = []
        self.numbers = []
        candidates = list(range(FIRST, end))
        random.shuffle(candidates)
        for number in candidates:
            if len(self.numbers) == count:
                break
            lock = open(os.path.join(directory, str(number)), "w", encoding="ascii")
            if locked(lock) and is_free(number):
                self.locks.append(lock)
                self.numbers.append(str(number))
            else:
                lock.close()
        if len(self.numbers) < count:
            raise OSError("no %d free ports from %d to %d" % (count, FIRST, end))

    def close(self):
        for lock in self.locks:
            lock.close()


def locked(lock):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def is_free(number):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", number))
            return True
        except OSError:
            return False
