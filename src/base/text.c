/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

void text_init(struct text *text, char *buffer, size_t size) {
        assert(size > 0);
        *text = (struct text){ .ptr = buffer, .size = size };
        buffer[0] = '\0';
}

void text_add(struct text *text, struct str s) {
        size_t room = text->size - 1 - text->len;
        if (s.len > room) {
                s.len = room;
                text->cut = true;
        }
        if (s.len > 0)
                memcpy(text->ptr + text->len, s.ptr, s.len);
        text->len += s.len;
        text->ptr[text->len] = '\0';
}

void text_printf(struct text *text, const char *format, ...) {
        size_t room = text->size - text->len;
        va_list args;
        va_start(args, format);
        int len = vsnprintf(text->ptr + text->len, room, format, args);
        va_end(args);
        if (len < 0) {
                text->ptr[text->len] = '\0';
                text->cut = true;
        } else if ((size_t) len >= room) {
                text->len = text->size - 1;
                text->cut = true;
        } else {
                text->len += (size_t) len;
        }
}

size_t text_harmless_sequence(struct str s) {
        const uint8_t *p = (const uint8_t *) s.ptr;
        uint32_t value, least;
        size_t len;

        if (p[0] < 0x80)
                return p[0] >= 0x20 && p[0] < 0x7f;
        if ((p[0] & 0xe0) == 0xc0)
                len = 2, value = p[0] & 0x1f, least = 0x80;
        else if ((p[0] & 0xf0) == 0xe0)
                len = 3, value = p[0] & 0x0f, least = 0x800;
        else if ((p[0] & 0xf8) == 0xf0)
                len = 4, value = p[0] & 0x07, least = 0x10000;
        else
                return 0;
        if (s.len < len)
                return 0;
        for (size_t i = 1; i < len; i++) {
                if ((p[i] & 0xc0) != 0x80)
                        return 0;
                value = value << 6 | (p[i] & 0x3f);
        }
        bool control = value < 0xa0 || value == 0xad || value == 0x61c || (value >= 0x200b && value <= 0x200f) ||
                       (value >= 0x2028 && value <= 0x202e) || (value >= 0x2060 && value <= 0x206f) || value == 0xfeff ||
                       (value >= 0xfff9 && value <= 0xfffb) || (value >= 0xe0000 && value <= 0xe007f);
        bool surrogate = value >= 0xd800 && value <= 0xdfff;
        return value < least || value > 0x10ffff || surrogate || control ? 0 : len;
}

void text_add_escaped(struct text *text, struct str s) {
        while (s.len > 0) {
                size_t len = text_harmless_sequence(s);
                if (len > 0 && s.ptr[0] != '"' && s.ptr[0] != '\\') {
                        if (len > text->size - 1 - text->len) { /* a cut sequence would be malformed */
                                text->cut = true;
                                return;
                        }
                        text_add(text, str_head(s, len));
                } else {
                        char escape[8];
                        const char *named = NULL;
                        len = 1;
                        switch (s.ptr[0]) {
                        case '\n': named = "\\n"; break;
                        case '\t': named = "\\t"; break;
                        case '\r': named = "\\r"; break;
                        case '"': named = "\\\""; break;
                        case '\\': named = "\\\\"; break;
                        }
                        if (!named) {
                                snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char) s.ptr[0]);
                                named = escape;
                        }
                        if (strlen(named) > text->size - 1 - text->len) {
                                text->cut = true;
                                return;
                        }
                        text_add(text, str_from(named));
                }
                s = str_from_offset(s, len);
        }
}
