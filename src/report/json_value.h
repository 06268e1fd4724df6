/* SPDX-License-Identifier: Apache-2.0 */
/* JSON objects under construction: a failure is remembered instead of checked at every step. */
#ifndef REPORT_JSON_VALUE_H
#define REPORT_JSON_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct json_value {
        json_t *object; /* owned until json_value_take(); NULL when memory ran out */
        bool failed;
};

void json_value_init(struct json_value *value);

/* An object that begins as every line of a report does: {"v":1,"event":NAME,"time":…}. */
void json_value_init_event(struct json_value *value, const char *name, uint64_t time_ns);

/* Hands over the object, or NULL when anything failed; the value is empty afterwards. */
json_t *json_value_take(struct json_value *value);

/* The same as text with a '\n' at its end, on one line unless indented; owned by the caller (free). */
char *json_value_take_text(struct json_value *value, bool indented);

/* Each adds a member, at the end. A member that is NULL makes the whole object fail. */
void json_value_put(struct json_value *value, const char *key, json_t *owned_member);
void json_value_bool(struct json_value *value, const char *key, bool member);
void json_value_number(struct json_value *value, const char *key, uint64_t member); /* INT64_MAX when larger */

/* Bytes from the program, escaped as text_add_escaped() does, at most 1 KiB of them. NULL is "". */
void json_value_raw(struct json_value *value, const char *key, const char *raw);

/* Text that is escaped already, at most 16 KiB of it; should it not be UTF-8 nevertheless, the odd bytes become escapes. */
void json_value_text(struct json_value *value, const char *key, const char *text);

#endif
