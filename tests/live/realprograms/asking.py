# SPDX-License-Identifier: Apache-2.0
"""The requests that a case makes itself, of the server that runs beside."""

import collections
import concurrent.futures
import dataclasses
import hashlib
import http.client
import os
import ssl
import time
import urllib.parse

from server import TIMEOUT_S, Failure


@dataclasses.dataclass
class Ask:
    """One request. What counts is the whole answer."""

    url: str
    method: str = "GET"
    body: str = ""
    headers: dict = dataclasses.field(default_factory=dict)
    believe: bool = False  # whatever certificate the server shows
    patient: bool = False  # asks again while there is no answer

    def __call__(self, directory, words):
        url = words(self.url)
        status, headers, body = self.answer(url, directory, words(self.body))
        lines = ["%s: %s\n" % header for header in sorted(headers)]
        return "%s %s" % (self.method, url), status, "".join(lines) + "\n" + body.decode(errors="surrogateescape"), ""

    def answer(self, url, directory, body):
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            connection = connect(url, directory, self.believe)
            try:
                return ask(connection, url, self.method, body, self.headers)
            except (OSError, http.client.HTTPException) as error:
                if not self.patient or time.monotonic() > deadline:
                    raise Failure("no answer from %s: %s" % (url, error)) from error
                time.sleep(0.05)
            finally:
                connection.close()


@dataclasses.dataclass
class Load:
    """Many requests at once. How often which answer came is what counts, and each must be a 200."""

    urls: list
    requests: int
    at_once: int

    def __call__(self, directory, words):
        urls = [words(url) for url in self.urls]
        with concurrent.futures.ThreadPoolExecutor(self.at_once) as pool:
            shares = list(pool.map(lambda client: self.share(client, directory, urls), range(self.at_once)))
        answers = sum(shares, collections.Counter())
        good = sum(count for (status, *_), count in answers.items() if status == 200)
        lines = ["%d x %s\n" % (count, " ".join(map(str, answer))) for answer, count in sorted(answers.items(), key=str)]
        return "%d requests" % self.requests, 0 if good == self.requests else 1, "".join(lines), ""

    def share(self, client, directory, urls):
        """What one of the clients gets. Every second one makes a new connection for each request."""
        answers = collections.Counter()
        connections = {}
        for number in range(client, self.requests, self.at_once):
            url = urls[number % len(urls)]
            origin = urllib.parse.urlsplit(url)[:2]
            try:
                if origin not in connections:
                    connections[origin] = connect(url, directory)
                status, _, body = ask(connections[origin], url, "GET", "", {})
                answers[(status, url, hashlib.sha256(body).hexdigest())] += 1
            except (OSError, http.client.HTTPException) as error:
                answers[("lost: %s" % type(error).__name__, url)] += 1
                if origin in connections:
                    connections.pop(origin).close()
            if client % 2 and origin in connections:
                connections.pop(origin).close()
        for connection in connections.values():
            connection.close()
        return answers


def connect(url, directory, believe=False):
    """A connection to a server on loopback. One with TLS must show the test's certificate, unless anyone is believed."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_S)
    if believe:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context = ssl.create_default_context(cafile=os.path.join(directory, "tls", "cert.pem"))
    return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=TIMEOUT_S, context=context)


def ask(connection, url, method, body, headers):
    parts = urllib.parse.urlsplit(url)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    connection.request(method, target, body=body.encode() or None, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.getheaders(), answer.read()
