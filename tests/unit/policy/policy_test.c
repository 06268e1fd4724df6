/* SPDX-License-Identifier: Apache-2.0 */
/* Where directives apply, which one wins, and what --module does. */
#include "policy/policy_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct good {
        const char *text, *policy; /* what policy_text() says after `main m` */
} goods[] = {
        /* the module line: the default */
        { "// gomodjail:confined\nmodule m\nrequire x.y/a v1.0.0\n",
          "default confined module:1\nx.y/a v1.0.0 confined module:1 require:3\n" },
        { "module m // gomodjail:confined\nrequire x.y/a v1.0.0\n",
          "default confined module:1\nx.y/a v1.0.0 confined module:1 require:2\n" },
        { "require x.y/a v1.0.0\n//gomodjail:unconfined\nmodule m\n",
          "default unconfined module:2\nx.y/a v1.0.0 unconfined module:2 require:1\n" },
        { "// gomodjail:confined\nmodule (\n\tm // jail:callbacks\n)\nrequire x.y/a v1.0.0\n",
          "default confined callbacks module:1\nx.y/a v1.0.0 confined callbacks module:1 require:5\n" },
        { "// FIX"
          "ME: gomodjail support is broken\n// gomodjail:confined\nmodule m\n",
          "default confined module:2\n" },
        { "// Copyright\n\n// gomodjail:confined\n// jail:quiet exec\nmodule m // jail:callbacks\n",
          "default confined callbacks quiet exec module:3\n" },

        /* above and beside a line */
        { "module m\nrequire x.y/a v1.0.0 // gomodjail:confined\n",
          "default unconfined none\nx.y/a v1.0.0 confined line:2 require:2\n" },
        { "module m\n// gomodjail:confined\nrequire x.y/a v1.0.0\n",
          "default unconfined none\nx.y/a v1.0.0 confined line:2 require:3\n" },
        { "module m\nrequire (\n\t// gomodjail:confined\n\tx.y/a v1.0.0\n\tx.y/b v1.0.0\n)\n",
          "default unconfined none\nx.y/a v1.0.0 confined line:3 require:4\nx.y/b v1.0.0 unconfined none require:5\n" },
        { "module m\nrequire (\n\tx.y/a v1.0.0 //gomodjail:confined\n\tx.y/b v1.0.0 // indirect; gomodjail:confined\n"
          "\tx.y/c v1.0.0 // indirect // gomodjail:confined\n)\n",
          "default unconfined none\nx.y/a v1.0.0 confined line:3 require:3\nx.y/b v1.0.0 confined line:4 require:4\n"
          "x.y/c v1.0.0 confined line:5 require:5\n" },
        { "module m\n// gomodjail:confined\n// because\n// jail:callbacks\nrequire x.y/a v1.0.0 // jail:quiet sys\n",
          "default unconfined none\nx.y/a v1.0.0 confined callbacks quiet sys line:2 require:5\n" },

        /* above and beside a block */
        { "module m\n//gomodjail:confined\nrequire (\n\tx.y/a v1.0.0\n)\nrequire x.y/b v1.0.0\n",
          "default unconfined none\nx.y/a v1.0.0 confined block:2 require:4\nx.y/b v1.0.0 unconfined none require:6\n" },
        { "module m\nrequire ( // gomodjail:confined\n\tx.y/a v1.0.0\n)\n",
          "default unconfined none\nx.y/a v1.0.0 confined block:2 require:3\n" },

        /* a directive of its own wins over what another requirement of the module inherits: pasted lines */
        { "module m // gomodjail:confined\nrequire x.y/a v1.0.0\nrequire x.y/a v1.0.0 // gomodjail:unconfined\n",
          "default confined module:1\nx.y/a v1.0.0 unconfined line:3 require:3\n" },
        { "module m\nrequire x.y/a v1.1.0 // gomodjail:confined\nrequire x.y/a v1.0.0\n",
          "default unconfined none\nx.y/a v1.1.0 confined line:2 require:2\n" },

        /* the nearest wins */
        { "// gomodjail:confined\nmodule m\n// gomodjail:unconfined\nrequire (\n\tx.y/a v1.0.0\n\tx.y/b v1.0.0 // "
          "gomodjail:confined\n)\n"
          "require (\n\tx.y/c v1.0.0\n\tx.y/d v1.0.0 // gomodjail:unconfined\n)\n",
          "default confined module:1\nx.y/a v1.0.0 unconfined block:3 require:5\nx.y/b v1.0.0 confined line:6 require:6\n"
          "x.y/c v1.0.0 confined module:1 require:9\nx.y/d v1.0.0 unconfined line:10 require:10\n" },

        /* callbacks and quiet classes add up, and do not disturb the confinement */
        { "// gomodjail:confined\n// jail:quiet fs.read\nmodule m\n// jail:callbacks\nrequire (\n\tx.y/a v1.0.0 // jail:quiet "
          "fs.write\n"
          "\tx.y/b v1.0.0 // gomodjail:unconfined\n)\nrequire x.y/c v1.0.0\n",
          "default confined quiet fs.read module:1\nx.y/a v1.0.0 confined callbacks quiet fs.read fs.write module:1 require:6\n"
          "x.y/b v1.0.0 unconfined callbacks quiet fs.read line:7 require:7\nx.y/c v1.0.0 confined quiet fs.read module:1 "
          "require:9\n" },

        /* modules that are only replaced have the default */
        { "// gomodjail:confined\nmodule m\nreplace x.y/a => ../a\n",
          "default confined module:1\nx.y/a - => ../a - confined module:1\n" },

        /* required twice, with one policy */
        { "module m\nrequire x.y/a v1.0.0 // gomodjail:confined\n// gomodjail:confined\nrequire (\n\tx.y/a v1.1.0\n)\n",
          "default unconfined none\nx.y/a v1.1.0 confined line:2 require:2\n" },

        /* prose stays prose, and need not be attached */
        { "module m // see gomodjail docs\n\n// a jail for modules\n\ngo 1.20 // jail\nrequire (\n\n\t// gomodjail\n\n\tx.y/a "
          "v1.0.0\n\t// x\n)\n",
          "default unconfined none\nx.y/a v1.0.0 unconfined none require:10\n" },
};

static const struct bad {
        const char *text, *message;
} bads[] = {
        { "module m\nrequire x.y/a v1.0.0 // gomodjail:confind\n",
          "go.mod:2:25: unknown directive \"gomodjail:confind\"; did you mean \"gomodjail:confined\"?" },
        { "module m\n\n// Gomodjail:confined\n\n", "go.mod:3:4: unknown directive \"Gomodjail:confined\"" },
        { "module m\ngo 1.20 // jail: callbacks\n",
          "go.mod:2:12: unknown directive \"jail: callbacks\"; did you mean \"jail:callbacks\"?" },

        /* applies to nothing */
        { "// gomodjail:confined\n\nmodule m\n",
          "go.mod:1:4: \"gomodjail:confined\" applies to nothing: a blank line follows its comment" },
        { "module m\nrequire (\n\t// gomodjail:confined\n\n\tx.y/a v1.0.0\n)\n",
          "go.mod:3:5: \"gomodjail:confined\" applies to nothing" },
        { "module m\nrequire (\n\tx.y/a v1.0.0\n\t// prose jail:callbacks\n)\n",
          "go.mod:4:11: \"jail:callbacks\" applies to nothing: a directive for a block stands above or beside its first line" },
        { "module m\nrequire (\n\tx.y/a v1.0.0\n) // gomodjail:confined\n",
          "go.mod:4:6: \"gomodjail:confined\" applies to nothing" },
        { "module m\n// gomodjail:confined", "go.mod:2:4: \"gomodjail:confined\" applies to nothing: no line follows its comment" },
        { "module m\n//gomodjail:confined\n \t\r\nrequire x.y/a v1.0.0", "go.mod:2:3: \"gomodjail:confined\" applies to nothing" },
        { "module m\n// gomodjail:confined\nrequire ()\n",
          "go.mod:2:4: \"gomodjail:confined\" applies to nothing: the block is empty" },
        { "module m\nrequire ( // gomodjail:confined\n\t// x\n)\n",
          "go.mod:2:14: \"gomodjail:confined\" applies to nothing: the block is empty" },

        /* no meaning */
        { "module m\n// gomodjail:confined\ngo 1.22\n",
          "go.mod:2:4: \"gomodjail:confined\" has no meaning at \"go\"; directives belong to the module line and to requirements" },
        { "module m\ngo 1.22 // gomodjail:confined\n", "go.mod:2:12: \"gomodjail:confined\" has no meaning at \"go\"" },
        { "module m\ntoolchain go1.22 // jail:callbacks\n", "go.mod:2:21: \"jail:callbacks\" has no meaning at \"toolchain\"" },
        { "module m\nreplace x.y/a => ../a // gomodjail:confined\n",
          "go.mod:2:26: \"gomodjail:confined\" has no meaning at \"replace\"" },
        { "module m\nreplace (\n\tx.y/a => ../a // gomodjail:confined\n)\n",
          "go.mod:3:19: \"gomodjail:confined\" has no meaning at \"replace\"" },
        { "module m\n// jail:quiet exec\nexclude (\n\tx.y/a v1.0.0\n)\n",
          "go.mod:2:4: \"jail:quiet\" has no meaning at \"exclude\"" },
        { "module m\nretract v1.0.0 // gomodjail:confined\n", "go.mod:2:19: \"gomodjail:confined\" has no meaning at \"retract\"" },
        { "module m\ntool x.y/a // gomodjail:confined\n", "go.mod:2:15: \"gomodjail:confined\" has no meaning at \"tool\"" },
        { "module m\nignore a // gomodjail:confined\n", "go.mod:2:13: \"gomodjail:confined\" has no meaning at \"ignore\"" },
        { "module m\ngodebug a=b // gomodjail:confined\n", "go.mod:2:16: \"gomodjail:confined\" has no meaning at \"godebug\"" },

        /* contradictions at one place */
        { "module m\nrequire x.y/a v1.0.0 // gomodjail:confined gomodjail:unconfined\n",
          "go.mod:2:44: \"gomodjail:unconfined\" contradicts \"gomodjail:confined\" (line 2)" },
        { "module m\n// gomodjail:unconfined\nrequire x.y/a v1.0.0 // gomodjail:confined\n",
          "go.mod:3:25: \"gomodjail:confined\" contradicts \"gomodjail:unconfined\" (line 2)" },
        { "module m\n// gomodjail:unconfined\nrequire ( // gomodjail:confined\n\tx.y/a v1.0.0\n)\n",
          "go.mod:3:14: \"gomodjail:confined\" contradicts \"gomodjail:unconfined\" (line 2)" },

        /* one module under two policies */
        { "module m\nrequire x.y/a v1.0.0 // gomodjail:confined\nrequire x.y/a v1.0.0 // gomodjail:unconfined\n",
          "go.mod:3:9: \"x.y/a\" is required twice under different policies (line 2)" },
        { "module m\nrequire x.y/a v1.0.0\nrequire x.y/b v1.0.0\nrequire x.y/a v1.0.0 // jail:callbacks\n",
          "go.mod:4:9: \"x.y/a\" is required twice under different policies (line 2)" },
        { "module m\nrequire m v1.0.0 // gomodjail:confined\n", "go.mod:2:9: \"m\" is the main module, which is never confined" },
};

static void assert_policy(const struct jail_policy *policy, const char *expected) {
        char *text = policy_text(policy);
        if (strcmp(text, expected) != 0)
                fail_msg("got:\n%swant:\n%s", text, expected);
        free(text);
}

static struct jail_policy *parse(const char *text, const struct jail_policy_override *overrides, size_t n_overrides) {
        struct jail_policy *policy = NULL;
        struct jail_error err;
        if (jail_policy_parse(text, strlen(text), "go.mod", overrides, n_overrides, &policy, &err) < 0)
                fail_msg("%s\n%s", text, err.msg);
        return policy;
}

static void test_good(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
                struct jail_policy *policy = parse(goods[i].text, NULL, 0);
                char expected[2048];
                snprintf(expected, sizeof(expected), "main m\n%s", goods[i].policy);
                assert_policy(policy, expected);
                jail_policy_free(policy);
        }
}

static void test_bad(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
                struct jail_policy *policy = NULL;
                struct jail_error err = { .msg = "no error" };
                int r = jail_policy_parse(bads[i].text, strlen(bads[i].text), "go.mod", NULL, 0, &policy, &err);
                if (r != JAIL_ESYNTAX || strncmp(err.msg, bads[i].message, strlen(bads[i].message)) != 0)
                        fail_msg("%s\ngot  %d %s\nwant %s", bads[i].text, r, err.msg, bads[i].message);
                assert_null(policy);
        }
}

static void test_overrides(void **state) {
        (void) state;
        static const struct jail_policy_override overrides[] = {
                { "x.y/a", false }, { "x.y/b", true }, { "x.y/b", false }, { "x.y/b", true }, { "z.z/new", true }, { "m", false },
        };
        struct jail_policy *policy =
                parse("// jail:callbacks\nmodule m\nrequire x.y/a v1.0.0 // gomodjail:confined jail:quiet exec\n"
                      "require x.y/b v1.0.0\nrequire x.y/c v1.0.0\n",
                      overrides, sizeof(overrides) / sizeof(overrides[0]));
        assert_policy(policy, "main m\n"
                              "default unconfined callbacks none\n"
                              "x.y/a v1.0.0 unconfined callbacks quiet exec override require:3\n"
                              "x.y/b v1.0.0 confined callbacks override require:4\n"
                              "x.y/c v1.0.0 unconfined callbacks none require:5\n"
                              "z.z/new - confined callbacks override\n");
        jail_policy_free(policy);
}

static void test_override_keeps_the_replacement(void **state) {
        (void) state;
        static const struct jail_policy_override override = { "x.y/a", true };
        struct jail_policy *policy = parse("module m\nreplace x.y/a v1.0.0 => ../a\n", &override, 1);
        assert_policy(policy, "main m\ndefault unconfined none\nx.y/a v1.0.0 => ../a - confined override\n");
        jail_policy_free(policy);
}

static void test_bad_overrides(void **state) {
        (void) state;
        static const struct {
                struct jail_policy_override override;
                const char *message;
        } rows[] = {
                { { "m", true }, "m is the main module, which is never confined" },
                { { "", true }, "malformed module path \"\": empty string" },
                { { "a b", false }, "malformed module path \"a b\": invalid character" },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct jail_policy *policy = NULL;
                struct jail_error err;
                assert_int_equal(jail_policy_parse("module m", 8, "go.mod", &rows[i].override, 1, &policy, &err), JAIL_EINVAL);
                assert_string_equal(err.msg, rows[i].message);
                assert_null(policy);
        }
}

static void test_find_module(void **state) {
        (void) state;
        struct jail_policy *policy = parse("module m\nrequire (\n\tx.y/b v1.0.0\n\tx.y/a v1.0.0\n\tx.y/ab v1.0.0\n)\n", NULL, 0);
        assert_int_equal(jail_policy_module_count(policy), 3);
        assert_ptr_equal(jail_policy_module_find(policy, "x.y/a", 5), jail_policy_module_at(policy, 0));
        assert_ptr_equal(jail_policy_module_find(policy, "x.y/ab/cd", 6), jail_policy_module_at(policy, 1));
        assert_ptr_equal(jail_policy_module_find(policy, "x.y/b", 5), jail_policy_module_at(policy, 2));
        assert_null(jail_policy_module_find(policy, "x.y/", 4));
        assert_null(jail_policy_module_find(policy, "x.y/abc", 7));
        assert_null(jail_policy_module_find(policy, "m", 1));
        assert_null(jail_policy_module_find(policy, "", 0));
        assert_null(jail_policy_default(policy)->path);
        jail_policy_free(policy);
        jail_policy_free(NULL);
}

static void test_confines(void **state) {
        (void) state;
        static const struct {
                const char *text;
                bool confines;
        } rows[] = {
                { "module m", false },
                { "module m // gomodjail:confined", true },
                { "module m\nrequire x.y/a v1.0.0", false },
                { "module m\nrequire x.y/a v1.0.0 // gomodjail:confined", true },
                { "module m\nrequire x.y/a v1.0.0 // gomodjail:unconfined jail:callbacks", false },
        };
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct jail_policy *policy = parse(rows[i].text, NULL, 0);
                assert_int_equal(jail_policy_confines(policy), rows[i].confines);
                jail_policy_free(policy);
        }
}

static void test_load(void **state) {
        (void) state;
        char dir[] = "/tmp/jail-policy-XXXXXX", file[64], message[128];
        struct jail_policy *policy = NULL;
        struct jail_error err;
        assert_non_null(mkdtemp(dir));
        snprintf(file, sizeof(file), "%s/my.mod", dir);

        snprintf(message, sizeof(message), "cannot open %s: No such file or directory", file);
        assert_int_equal(jail_policy_load(file, NULL, 0, &policy, &err), JAIL_ESYS);
        assert_string_equal(err.msg, message);
        snprintf(message, sizeof(message), "cannot read %s: Is a directory", dir);
        assert_int_equal(jail_policy_load(dir, NULL, 0, &policy, &err), JAIL_ESYS);
        assert_string_equal(err.msg, message);

        FILE *out = fopen(file, "w");
        assert_non_null(out);
        fputs("module m\nrequire x.y/a v1.0.0 // gomodjail:confined\n", out);
        fclose(out);
        assert_int_equal(jail_policy_load(file, NULL, 0, &policy, &err), 0);
        assert_string_equal(jail_policy_file(policy), file);
        assert_policy(policy, "main m\ndefault unconfined none\nx.y/a v1.0.0 confined line:2 require:2\n");
        jail_policy_free(policy);
        unlink(file);
        rmdir(dir);

        assert_int_equal(jail_policy_load("/dev/zero", NULL, 0, &policy, &err), JAIL_ELIMIT);
        assert_string_equal(err.msg, "/dev/zero: larger than 16777216 bytes");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),          cmocka_unit_test(test_bad),
                cmocka_unit_test(test_overrides),     cmocka_unit_test(test_override_keeps_the_replacement),
                cmocka_unit_test(test_bad_overrides), cmocka_unit_test(test_find_module),
                cmocka_unit_test(test_confines),      cmocka_unit_test(test_load),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
