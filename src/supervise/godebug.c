/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/godebug.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NAME    "GODEBUG="
#define SETTING "tracebackancestors="

/* A decimal number of 31 bits, as the runtime's atoi32 takes it; false for anything else, which the runtime ignores. */
static bool parse_count(struct str digits, uint32_t *ret_count) {
        uint64_t count = 0;
        if (digits.len == 0 || digits.len > 10)
                return false;
        for (size_t i = 0; i < digits.len; i++) {
                if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
                        return false;
                count = count * 10 + (uint64_t) (digits.ptr[i] - '0');
        }
        if (count > INT32_MAX)
                return false;
        *ret_count = (uint32_t) count;
        return true;
}

/* The number of ancestors that value asks for; 0 when it does not. */
static uint32_t find_count(struct str value) {
        uint32_t count = 0;
        while (value.len > 0) {
                ptrdiff_t comma = str_index(value, ',');
                struct str field = comma < 0 ? value : str_head(value, (size_t) comma);
                if (str_starts(field, STR(SETTING))) {
                        uint32_t own = 0;
                        /* A negative or misspelt number overrides an earlier one with nothing useful. */
                        count = parse_count(str_from_offset(field, strlen(SETTING)), &own) ? own : 0;
                }
                value = comma < 0 ? (struct str){ NULL, 0 } : str_from_offset(value, (size_t) comma + 1);
        }
        return count;
}

uint32_t godebug_ancestors(const char *value) {
        return find_count(str_from(value));
}

int godebug_merge(const char *value, unsigned ancestors, char *buffer, size_t size, struct jail_error *err) {
        struct text text;
        struct str own = str_from(value);
        text_init(&text, buffer, size);
        text_add(&text, own);
        if (find_count(own) < ancestors)
                text_printf(&text, "%s" SETTING "%u", own.len > 0 ? "," : "", ancestors);
        if (text.cut)
                return jail_error_set(err, JAIL_ELIMIT, 0, "GODEBUG is too long (%zu bytes)", own.len);
        return 0;
}

int godebug_amend(char *const *environment, unsigned ancestors, char ***ret_environment, struct jail_error *err) {
        size_t n = 0, longest = 0;
        for (; environment && environment[n]; n++)
                if (strncmp(environment[n], NAME, strlen(NAME)) == 0 && strlen(environment[n]) > longest)
                        longest = strlen(environment[n]);

        /* [n pointers, GODEBUG, NULL] [text of GODEBUG] */
        size_t text_size = sizeof(NAME) + longest + sizeof("," SETTING) + 10;
        CLEANUP_FREE char **amended = malloc((n + 2) * sizeof(*amended) + text_size);
        if (!amended)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory: environment");
        char *entry = (char *) (amended + n + 2);
        const char *value = NULL;
        size_t n_amended = 0;
        for (size_t i = 0; i < n; i++) {
                /* The runtime takes the first of several (runtime.gogetenv): only that one is passed on. */
                if (strncmp(environment[i], NAME, strlen(NAME)) != 0) {
                        amended[n_amended++] = environment[i];
                } else if (!value) {
                        value = environment[i] + strlen(NAME);
                        amended[n_amended++] = entry;
                }
        }
        if (!value)
                amended[n_amended++] = entry;
        amended[n_amended] = NULL;

        memcpy(entry, NAME, strlen(NAME));
        int r = godebug_merge(value, ancestors, entry + strlen(NAME), text_size - strlen(NAME), err);
        if (r < 0)
                return r;
        *ret_environment = STEAL(amended);
        return 0;
}
