/* SPDX-License-Identifier: Apache-2.0 */
#include "report/json_value.h"

#include "base/text.h"
#include "report/style.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_RAW_BYTES = 4096, MAX_TEXT_BYTES = 4 * MAX_RAW_BYTES };

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

char *json_value_take_line(struct json_value *value) {
        json_t *object = json_value_take(value);
        char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
        json_decref(object);
        if (!text)
                return NULL;
        size_t len = strlen(text);
        char *line = realloc(text, len + sizeof("\n"));
        if (!line) {
                free(text);
                return NULL;
        }
        memcpy(line + len, "\n", sizeof("\n"));
        return line;
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
        char buffer[MAX_TEXT_BYTES + 4];
        struct text text;
        text_init(&text, buffer, sizeof(buffer));

        struct str bytes = str_from(raw);
        text_add_escaped(&text, str_head(bytes, MAX_RAW_BYTES));
        if (bytes.len > MAX_RAW_BYTES)
                text_add(&text, STR("..."));
        json_value_put(value, key, json_stringn(text.ptr, text.len));
}

void json_value_text(struct json_value *value, const char *key, const char *text) {
        struct str bytes = str_head(str_from(text), MAX_TEXT_BYTES);
        json_t *member = json_stringn(bytes.ptr ? bytes.ptr : "", bytes.len);
        if (!member) {
                char buffer[MAX_TEXT_BYTES * 4 + 4];
                struct text ascii;
                text_init(&ascii, buffer, sizeof(buffer));
                style_add_escaped(&ascii, &(struct style){ .utf8 = false }, bytes);
                member = json_stringn(ascii.ptr, ascii.len);
        }
        json_value_put(value, key, member);
}
