# SPDX-License-Identifier: Apache-2.0
"""A certificate for servers on loopback, which nobody but the test's clients believes."""

import os
import shutil
import subprocess

from program import skip


def make_certificate(directory):
    """Its texts in PEM. A client that is given CERT as an authority believes a server that has CERT and KEY."""
    if not shutil.which("openssl"):
        skip("there is no openssl to make a certificate with: apt-get install openssl")
    cert, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "365"]
        + ["-subj", "/CN=jail's tests", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", cert],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    texts = {}
    for name, path in (("CERT", cert), ("KEY", key)):
        with open(path, encoding="ascii") as file:
            texts[name] = file.read()
    return texts
