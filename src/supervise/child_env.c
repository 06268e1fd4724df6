/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise/child_env.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SHOWN 64

struct child_env {
        char **entries; /* owned, and each of them: NAME=VALUE */
        size_t n_entries;
        char *shown[MAX_SHOWN]; /* owned names */
        size_t n_shown;
};

/* A name that ends in * stands for all that begin so. By program: each has its own way to be told what to run. */
static const char *const listed[] = {
        /* where programs are looked for, and what the dynamic loader and the C library load (ld.so(8), iconv(1)) */
        "PATH",
        "LD_*",
        "GCONV_PATH",
        "LOCPATH",
        "NLSPATH",
        "GLIBC_TUNABLES",
        "RESOLV_HOST_CONF",
        "HOSTALIASES",
        "MALLOC_*",
        /* shells */
        "BASH_*",
        "ENV",
        "ZDOTDIR",
        "SHELL",
        "SHELLOPTS",
        "BASHOPTS",
        "PS4",
        "PROMPT_COMMAND",
        "IFS",
        "CDPATH",
        /* git, ssh and what they start */
        "GIT_*",
        "SSH_*",
        "EDITOR",
        "VISUAL",
        "PAGER",
        "LESSOPEN",
        "LESSCLOSE",
        "MANPAGER",
        "BROWSER",
        "SUDO_*",
        "DOCKER_*",
        /* where programs look for their settings */
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_CONFIG_DIRS",
        "XDG_DATA_DIRS",
        "KUBECONFIG",
        "GNUPGHOME",
        "OPENSSL_*",
        "SSL_CERT_*",
        "CURL_*",
        "WGETRC",
        "TERMINFO",
        "TERMCAP",
        /* who hears what is sent */
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
        /* interpreters and compilers */
        "PYTHON*",
        "PERL5*",
        "PERLLIB",
        "RUBY*",
        "GEM_*",
        "NODE_*",
        "npm_*",
        "NPM_*",
        "PHP_*",
        "PHPRC",
        "LUA_*",
        "TCL*",
        "JAVA_*",
        "_JAVA_OPTIONS",
        "JDK_*",
        "CLASSPATH",
        "GO*",
        "CGO_*",
        "CC",
        "CXX",
        "CPP",
        "LD",
        "AR",
        "AS",
        "CFLAGS",
        "CXXFLAGS",
        "LDFLAGS",
        "CPPFLAGS",
        "COMPILER_PATH",
        "GCC_*",
        "LIBRARY_PATH",
        "CPATH",
        "C_INCLUDE_PATH",
        "PKG_CONFIG*",
        "MAKE*",
        "MFLAGS",
        "RUSTC*",
        "RUSTFLAGS",
        "CARGO_*",
};

bool child_env_is_listed(struct str name) {
        /* The launcher itself amends GODEBUG; it tells the runtime of Go programs nothing that runs a command. */
        if (str_equal(name, STR("GODEBUG")))
                return false;
        for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
                if (name.len == 0 || listed[i][0] != name.ptr[0])
                        continue;
                struct str pattern = str_from(listed[i]);
                bool prefix = pattern.ptr[pattern.len - 1] == '*';
                if (prefix ? str_starts(name, str_head(pattern, pattern.len - 1)) : str_equal(name, pattern))
                        return true;
        }
        return false;
}

static bool name_of(struct str entry, struct str *ret_name) {
        ptrdiff_t equals = str_index(entry, '=');
        if (equals < 0)
                return false;
        *ret_name = str_head(entry, (size_t) equals);
        return child_env_is_listed(*ret_name);
}

void child_env_free(struct child_env *env) {
        if (!env)
                return;
        for (size_t i = 0; i < env->n_entries; i++)
                free(env->entries[i]);
        for (size_t i = 0; i < env->n_shown; i++)
                free(env->shown[i]);
        free(env->entries);
        free(env);
}

int child_env_new(char *const *environment, struct child_env **ret_env, struct jail_error *err) {
        struct str name;
        size_t n = 0;
        while (environment && environment[n])
                n++;
        struct child_env *env = calloc(1, sizeof(*env));
        if (env)
                env->entries = calloc(n + 1, sizeof(*env->entries));
        bool complete = env && env->entries;
        for (size_t i = 0; complete && i < n; i++) {
                if (!name_of(str_from(environment[i]), &name))
                        continue;
                char *copy = strdup(environment[i]);
                complete = copy != NULL;
                if (copy)
                        env->entries[env->n_entries++] = copy;
        }
        if (!complete) {
                child_env_free(env);
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory: environment");
        }
        *ret_env = env;
        return 0;
}

bool child_env_differs(const struct child_env *env, struct str entry, struct str *ret_name) {
        if (!name_of(entry, ret_name))
                return false;
        for (size_t i = 0; i < env->n_entries; i++)
                if (str_equal(entry, str_from(env->entries[i])))
                        return false;
        return true;
}

bool child_env_show(struct child_env *env, struct str name) {
        for (size_t i = 0; i < env->n_shown; i++)
                if (str_equal(name, str_from(env->shown[i])))
                        return false;
        if (env->n_shown == MAX_SHOWN)
                return false;
        char *copy = strndup(name.ptr, name.len);
        if (copy)
                env->shown[env->n_shown++] = copy;
        return true;
}
