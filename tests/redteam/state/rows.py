# SPDX-License-Identifier: Apache-2.0
"""What the standard library reads once and remembers for everybody, and what could move that elsewhere."""

# What is needed first by a confined module, and the environments to try that in.
FIRST = [
    ("localtime", {}), ("localtime", {"TZ": "Europe/Berlin"}), ("localtime", {"TZ": ":Asia/Tokyo"}), ("localtime", {"TZ": ""}),
    ("roots", {}), ("mime", {}), ("resolver", {}), ("resolver", {"GODEBUG": "netdns=go"}), ("resolver", {"GODEBUG": "netdns=cgo"}),
    ("services", {}), ("protocols", {}), ("ipstack", {}), ("pidfd", {}), ("user", {}),
]

STEAL = ["tz-colon", "tz-path", "tz-below", "zoneinfo", "cert-file", "cert-dir", "cert-below", "cert-link"]

# Go itself looks at no path with "..".
HARMLESS_BARE = {"tz-below"}
