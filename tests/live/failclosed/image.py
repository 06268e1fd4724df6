# SPDX-License-Identifier: Apache-2.0
"""Damage to a Go program, byte by byte."""

import struct


class Image:
    """A copy of a 64-bit ELF file that can be spoilt."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = bytearray(file.read())
        self.sections = {}
        section_table, = struct.unpack_from("<Q", self.data, 0x28)
        size, count, names_index = struct.unpack_from("<HHH", self.data, 0x3a)
        headers = [struct.unpack_from("<IIQQQQ", self.data, section_table + i * size) for i in range(count)]
        names = headers[names_index][4]
        for name, _, _, _, offset, length in headers:
            end = self.data.index(b"\0", names + name)
            self.sections[self.data[names + name:end].decode()] = (offset, length)

    def pclntab(self):
        return self.sections.get(".gopclntab") or self.sections[".data.rel.ro.gopclntab"]

    def replace_version(self, version):
        """The version in the build info; the runtime's own, elsewhere, stays."""
        offset, length = self.sections[".go.buildinfo"]
        at = self.data.index(b"go1.", offset, offset + length)
        old_length = self.data[at - 1]
        self.data[at:at + old_length] = version.ljust(old_length, b"0")[:old_length]

    def flip(self, offset, mask=0xff):
        self.data[offset] ^= mask

    def put(self, offset, layout, *values):
        struct.pack_into(layout, self.data, offset, *values)

    def drop_section_headers(self):
        struct.pack_into("<Q", self.data, 0x28, 0)
        struct.pack_into("<HHH", self.data, 0x3a, 0, 0, 0)

    # The parts of .gopclntab, by its header (src/runtime/symtab.go, pcHeader).

    def header_word(self, index):
        return struct.unpack_from("<Q", self.data, self.pclntab()[0] + 8 + 8 * index)[0]

    def put_header_word(self, index, value):
        self.put(self.pclntab()[0] + 8 + 8 * index, "<Q", value)

    def function_count(self):
        return self.header_word(0)

    def function_table(self):
        return self.pclntab()[0] + self.header_word(7)

    def pc_values(self):
        return self.pclntab()[0] + self.header_word(6), self.header_word(7) - self.header_word(6)
