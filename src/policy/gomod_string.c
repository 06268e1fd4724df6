/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/gomod_string.h"

#include "base/cleanup.h"
#include "policy/utf8.h"

#include <stdint.h>
#include <stdlib.h>

static bool digit_value(char c, unsigned base, unsigned *ret_value) {
        unsigned value;
        if (c >= '0' && c <= '9')
                value = (unsigned) (c - '0');
        else if (c >= 'a' && c <= 'f')
                value = (unsigned) (c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
                value = (unsigned) (c - 'A') + 10;
        else
                return false;
        *ret_value = value;
        return value < base;
}

/* Reads exactly n_digits at the start of s. */
static bool digits_value(struct str s, size_t n_digits, unsigned base, uint32_t *ret_value) {
        if (s.len < n_digits)
                return false;
        uint32_t value = 0;
        for (size_t i = 0; i < n_digits; i++) {
                unsigned digit;
                if (!digit_value(s.ptr[i], base, &digit))
                        return false;
                value = value * base + digit;
        }
        *ret_value = value;
        return true;
}

/*
 * Decodes the escape that follows a backslash, at the start of s. *ret_used is how many bytes of s it took, *ret_len how many were
 * written to buffer.
 */
static bool escape_decode(struct str s, char buffer[4], size_t *ret_used, size_t *ret_len) {
        static const char names[] = "abfnrtv\\\"", values[] = "\a\b\f\n\r\t\v\\\"";
        const char *named = s.len > 0 && s.ptr[0] != '\0' ? strchr(names, s.ptr[0]) : NULL;
        uint32_t value;

        if (s.len == 0)
                return false;
        if (named) {
                buffer[0] = values[named - names];
                *ret_used = *ret_len = 1;
                return true;
        }
        if (s.ptr[0] == 'u' || s.ptr[0] == 'U') {
                size_t n_digits = s.ptr[0] == 'u' ? 4 : 8;
                if (!digits_value(str_from_offset(s, 1), n_digits, 16, &value))
                        return false;
                *ret_used = 1 + n_digits;
                *ret_len = utf8_write(value, buffer);
                return *ret_len > 0;
        }
        bool hex = s.ptr[0] == 'x';
        if (!digits_value(str_from_offset(s, hex), hex ? 2 : 3, hex ? 16 : 8, &value) || value > UINT8_MAX)
                return false;
        buffer[0] = (char) value;
        *ret_used = 3;
        *ret_len = 1;
        return true;
}

/* Decodes the inside of a "…" into buffer, which has room for s.len bytes: no escape is shorter than what it stands for. */
static bool string_unescape(struct str s, char *buffer, size_t *ret_len) {
        size_t len = 0;
        while (s.len > 0) {
                if (s.ptr[0] != '\\') {
                        buffer[len++] = s.ptr[0];
                        s = str_from_offset(s, 1);
                        continue;
                }
                char decoded[4];
                size_t used, decoded_len;
                if (!escape_decode(str_from_offset(s, 1), decoded, &used, &decoded_len))
                        return false;
                memcpy(buffer + len, decoded, decoded_len);
                len += decoded_len;
                s = str_from_offset(s, 1 + used);
        }
        *ret_len = len;
        return true;
}

int gomod_string_value(const struct gomod_token *token, struct position at, struct string_pool *pool, struct str *ret_value,
                       struct jail_error *err) {
        CLEANUP_FREE char *buffer = NULL;
        struct str value = token->text;
        at.column = token->column;

        if (token->kind == GOMOD_TOKEN_STRING) {
                value = (struct str){ value.ptr + 1, value.len - 2 };
                if (token->text.ptr[0] == '"' && str_index(value, '\\') >= 0) {
                        buffer = malloc(value.len);
                        if (!buffer)
                                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
                        size_t len;
                        if (!string_unescape(value, buffer, &len))
                                return position_error(err, JAIL_ESYNTAX, at, "invalid escape in quoted string");
                        value = (struct str){ buffer, len };
                }
        } else if (str_index(value, '"') >= 0 || str_index(value, '\'') >= 0 || str_index(value, '`') >= 0) {
                return position_error(err, JAIL_ESYNTAX, at, "unquoted string cannot contain quote");
        }
        if (str_index(value, '\0') >= 0)
                return position_error(err, JAIL_ESYNTAX, at, "string holds a NUL byte");

        const char *copy;
        int r = string_pool_add(pool, value, &copy, err);
        if (r < 0)
                return r;
        *ret_value = (struct str){ copy, value.len };
        return 0;
}
