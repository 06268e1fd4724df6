/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_value.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_RAW_BYTES = 1024, MAX_TEXT_BYTES = 16384 }; /* JSON_REPORT_MAX_LINE_BYTES holds the longest event */

void json_value_init(struct json_value *value) {
        *value = (struct json_value){ .object = json_object() };
        value->failed = !value->object;
}

/* RFC 3339, UTC. */
static void put_time(struct json_value *value, uint64_t time_ns) {
        time_t seconds = (time_t) (time_ns / 1000000000);
        struct tm utc;
        char date[64], stamp[96];
        if (!gmtime_r(&seconds, &utc) || strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc) == 0)
                return;
        snprintf(stamp, sizeof(stamp), "%s.%09uZ", date, (unsigned) (time_ns % 1000000000));
        json_value_text(value, "time", stamp);
}

void json_value_init_event(struct json_value *value, const char *name, uint64_t time_ns) {
        json_value_init(value);
        json_value_number(value, "v", 1); /* JSON_REPORT_PREFIX depends on this order */
        json_value_text(value, "event", name);
        put_time(value, time_ns);
}

json_t *json_value_take(struct json_value *value) {
        json_t *object = value->object;
        value->object = NULL;
        if (value->failed) {
                json_decref(object);
                return NULL;
        }
        return object;
}

/* Not json_dumps(): it loses parts of the text, unnoticed, when memory is short (jansson 2.14, do_dump() and the keys). */
static char *dump(const json_t *object, size_t flags) {
        size_t len = json_dumpb(object, NULL, 0, flags);
        char *text = len > 0 ? malloc(len + sizeof("\n")) : NULL;
        if (!text || json_dumpb(object, text, len, flags) != len) {
                free(text);
                return NULL;
        }
        memcpy(text + len, "\n", sizeof("\n"));
        return text;
}

char *json_value_take_text(struct json_value *value, bool indented) {
        json_t *object = json_value_take(value);
        char *text = object ? dump(object, indented ? JSON_INDENT(2) : JSON_COMPACT) : NULL;
        json_decref(object);
        return text;
}

void json_value_put(struct json_value *value, const char *key, json_t *owned_member) {
        if (json_object_set_new_nocheck(value->object, key, owned_member) < 0) /* frees the member on failure, too */
                value->failed = true;
}

void json_value_bool(struct json_value *value, const char *key, bool member) {
        json_value_put(value, key, json_boolean(member));
}

void json_value_number(struct json_value *value, const char *key, uint64_t member) {
        json_value_put(value, key, json_integer(member > INT64_MAX ? INT64_MAX : (json_int_t) member));
}

void json_value_raw(struct json_value *value, const char *key, const char *raw) {
        char buffer[4 * MAX_RAW_BYTES + 4];
        struct text text;
        text_init(&text, buffer, sizeof(buffer));

        struct str bytes = str_from(raw);
        text_add_escaped(&text, str_head(bytes, MAX_RAW_BYTES));
        if (bytes.len > MAX_RAW_BYTES)
                text_add(&text, STR("..."));
        json_value_put(value, key, json_stringn(text.ptr, text.len));
}

/* Control characters below 0x20 have escapes of JSON's own; what else is not harmless becomes a visible one. */
static void add_harmless(struct text *text, struct str s) {
        while (s.len > 0 && !text->cut) {
                size_t len = text_harmless_sequence(s);
                if (len == 0 && (unsigned char) s.ptr[0] >= 0x20)
                        text_printf(text, "\\x%02x", (unsigned char) s.ptr[0]);
                else if (len <= text->size - 1 - text->len)
                        text_add(text, str_head(s, len > 0 ? len : 1));
                else
                        text->cut = true;
                s = str_from_offset(s, len > 0 ? len : 1);
        }
}

void json_value_text(struct json_value *value, const char *key, const char *text) {
        char buffer[MAX_TEXT_BYTES];
        struct text harmless;
        text_init(&harmless, buffer, sizeof(buffer));
        add_harmless(&harmless, str_from(text));
        json_value_put(value, key, json_stringn(harmless.ptr, harmless.len));
}
