/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "policy/gomod.h"
#include "policy/policy_build.h"
#include "policy/policy_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_FILE_MAX_BYTES ((size_t) 16 << 20)

int policy_new(struct jail_policy **ret_policy, struct jail_error *err) {
        struct jail_policy *policy = calloc(1, sizeof(*policy));
        if (!policy)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        policy->main_module = policy->file = "";
        *ret_policy = policy;
        return 0;
}

void jail_policy_free(struct jail_policy *policy) {
        if (!policy)
                return;
        free(policy->modules);
        string_pool_free(&policy->strings);
        free(policy);
}

void policy_cleanup(struct jail_policy **policy) {
        jail_policy_free(*policy);
}

static int policy_from_gomod(const struct gomod *gomod, const char *file_name, const struct jail_policy_override *overrides,
                             size_t n_overrides, struct jail_policy **ret_policy, struct jail_error *err) {
        CLEANUP(policy_cleanup) struct jail_policy *policy = NULL;
        int r = policy_new(&policy, err);
        if (r < 0)
                return r;
        r = policy_build(policy, gomod, file_name, overrides, n_overrides, err);
        if (r < 0)
                return r;
        *ret_policy = STEAL(policy);
        return 0;
}

int jail_policy_parse(const char *text, size_t len, const char *file_name, const struct jail_policy_override *overrides,
                      size_t n_overrides, struct jail_policy **ret_policy, struct jail_error *err) {
        if (len > POLICY_FILE_MAX_BYTES)
                return jail_error_set(err, JAIL_ELIMIT, 0, "%s: larger than %zu bytes", file_name, POLICY_FILE_MAX_BYTES);

        CLEANUP(gomod_free) struct gomod gomod = { 0 };
        int r = gomod_parse((struct str){ text, len }, file_name, &gomod, err);
        if (r < 0)
                return r;
        return policy_from_gomod(&gomod, file_name, overrides, n_overrides, ret_policy, err);
}

/* Reads up to one byte more than a file may have. *ret_text is owned by the caller. */
static int file_read(int fd, const char *path, char **ret_text, size_t *ret_len, struct jail_error *err) {
        CLEANUP_FREE char *text = NULL;
        size_t len = 0, capacity = 0;
        while (len <= POLICY_FILE_MAX_BYTES) {
                if (len == capacity) {
                        size_t grown = capacity == 0 ? (size_t) 8 << 10 : capacity * 2;
                        grown = grown > POLICY_FILE_MAX_BYTES ? POLICY_FILE_MAX_BYTES + 1 : grown;
                        char *larger = realloc(text, grown);
                        if (!larger)
                                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
                        text = larger;
                        capacity = grown;
                }
                ssize_t n = read(fd, text + len, capacity - len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return jail_error_set(err, JAIL_ESYS, errno, "cannot read %s", path);
                if (n == 0)
                        break;
                len += (size_t) n;
        }
        *ret_text = STEAL(text);
        *ret_len = len;
        return 0;
}

int jail_policy_load(const char *go_mod_path, const struct jail_policy_override *overrides, size_t n_overrides,
                     struct jail_policy **ret_policy, struct jail_error *err) {
        CLEANUP_CLOSE int fd = open(go_mod_path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot open %s", go_mod_path);

        CLEANUP_FREE char *text = NULL;
        size_t len = 0;
        int r = file_read(fd, go_mod_path, &text, &len, err);
        if (r < 0)
                return r;
        return jail_policy_parse(text, len, go_mod_path, overrides, n_overrides, ret_policy, err);
}

const char *jail_policy_main_module(const struct jail_policy *policy) {
        return policy->main_module;
}

const char *jail_policy_file(const struct jail_policy *policy) {
        return policy->file;
}

size_t jail_policy_module_count(const struct jail_policy *policy) {
        return policy->n_modules;
}

const struct jail_policy_module *jail_policy_module_at(const struct jail_policy *policy, size_t index) {
        assert(index < policy->n_modules);
        return &policy->modules[index];
}

struct module_key {
        const char *path;
        size_t path_len;
};

static int module_key_compare(const void *key_, const void *module_) {
        const struct module_key *key = key_;
        const struct jail_policy_module *module = module_;
        size_t len = strlen(module->path);
        int order = memcmp(key->path, module->path, key->path_len < len ? key->path_len : len);
        return order != 0 ? order : (key->path_len > len) - (key->path_len < len);
}

const struct jail_policy_module *jail_policy_module_find(const struct jail_policy *policy, const char *path, size_t path_len) {
        if (policy->n_modules == 0 || path_len == 0)
                return NULL;
        struct module_key key = { path, path_len };
        return bsearch(&key, policy->modules, policy->n_modules, sizeof(*policy->modules), module_key_compare);
}

const struct jail_policy_module *jail_policy_default(const struct jail_policy *policy) {
        return &policy->defaults;
}

bool jail_policy_confines(const struct jail_policy *policy) {
        bool confines = policy->defaults.confined;
        for (size_t i = 0; i < policy->n_modules && !confines; i++)
                confines = policy->modules[i].confined;
        return confines;
}
