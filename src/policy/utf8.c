/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/utf8.h"

size_t utf8_decode(struct str s, uint32_t *ret_rune) {
        const unsigned char *p = (const unsigned char *) s.ptr;
        uint32_t rune, least;
        size_t len;

        *ret_rune = UTF8_REPLACEMENT;
        if (p[0] < 0x80) {
                *ret_rune = p[0];
                return 1;
        }
        if ((p[0] & 0xe0) == 0xc0)
                len = 2, rune = p[0] & 0x1f, least = 0x80;
        else if ((p[0] & 0xf0) == 0xe0)
                len = 3, rune = p[0] & 0x0f, least = 0x800;
        else if ((p[0] & 0xf8) == 0xf0)
                len = 4, rune = p[0] & 0x07, least = 0x10000;
        else
                return 1;
        if (s.len < len)
                return 1;
        for (size_t i = 1; i < len; i++) {
                if ((p[i] & 0xc0) != 0x80)
                        return 1;
                rune = rune << 6 | (p[i] & 0x3f);
        }
        if (rune < least || rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff))
                return 1;
        *ret_rune = rune;
        return len;
}

size_t utf8_write(uint32_t rune, char buffer[4]) {
        if (rune < 0x80) {
                buffer[0] = (char) rune;
                return 1;
        }
        if (rune < 0x800) {
                buffer[0] = (char) (0xc0 | rune >> 6);
                buffer[1] = (char) (0x80 | (rune & 0x3f));
                return 2;
        }
        if (rune >= 0xd800 && rune <= 0xdfff)
                return 0;
        if (rune < 0x10000) {
                buffer[0] = (char) (0xe0 | rune >> 12);
                buffer[1] = (char) (0x80 | (rune >> 6 & 0x3f));
                buffer[2] = (char) (0x80 | (rune & 0x3f));
                return 3;
        }
        if (rune > 0x10ffff)
                return 0;
        buffer[0] = (char) (0xf0 | rune >> 18);
        buffer[1] = (char) (0x80 | (rune >> 12 & 0x3f));
        buffer[2] = (char) (0x80 | (rune >> 6 & 0x3f));
        buffer[3] = (char) (0x80 | (rune & 0x3f));
        return 4;
}

size_t utf8_count(struct str s) {
        size_t count = 0;
        uint32_t rune;
        for (; s.len > 0; s = str_from_offset(s, utf8_decode(s, &rune)))
                count++;
        return count;
}

bool utf8_valid(struct str s) {
        uint32_t rune;
        for (size_t len; s.len > 0; s = str_from_offset(s, len)) {
                len = utf8_decode(s, &rune);
                if (rune == UTF8_REPLACEMENT && len == 1)
                        return false;
        }
        return true;
}
