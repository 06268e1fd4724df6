/* SPDX-License-Identifier: Apache-2.0 */
/* The grammar of go.mod: what is read, and where the errors are. */
#include "policy/policy_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct good {
        const char *text, *modules; /* what policy_text() says after its two first lines */
} goods[] = {
        /* layout of the file */
        { "module m", "" },
        { "module m\n", "" },
        { "\n\n  module\tm  \n\n", "" },
        { "module m\r\ngo 1.20\r\nrequire a.b/c v1.0.0\r\n", "a.b/c v1.0.0 unconfined none require:3\n" },
        { "module m\r\nrequire (\r\n\ta.b/c v1.0.0 // indirect\r\n)\r\n", "a.b/c v1.0.0 unconfined none require:3\n" },
        { "module m\nrequire a.b/c v1.0.0//indirect", "a.b/c v1.0.0 unconfined none require:2\n" },
        { "require a.b/c v1.0.0\nmodule m\n", "a.b/c v1.0.0 unconfined none require:1\n" },
        { "// only\n// comments\n\nmodule m // here\n// and here", "" },

        /* strings */
        { "module \"m\"\nrequire \"a.b/c\" \"v1.0.0\"", "a.b/c v1.0.0 unconfined none require:2\n" },
        { "module `m`\nrequire `a.b/c` `v1.0.0`", "a.b/c v1.0.0 unconfined none require:2\n" },
        { "module m\nrequire \"\\x61.\\142/\\u0063\" v1.0.0", "a.b/c v1.0.0 unconfined none require:2\n" },
        { "module m\nreplace a.b/c => \"/x//y\"", "a.b/c - => /x//y - unconfined none\n" },
        { "module m\nreplace a.b/c => \"./\\a\\b\\f\\n\\r\\t\\v\\\"\\U0001F600\"",
          "a.b/c - => ./\a\b\f\n\r\t\v\"\xf0\x9f\x98\x80 - unconfined none\n" },
        { "module m\nreplace a.b/c => ./\xc3\xa9\xe4\xb8\xad", "a.b/c - => ./\xc3\xa9\xe4\xb8\xad - unconfined none\n" },

        /* module */
        { "module (\n\tm\n)\n", "" },
        { "// Deprecated: no.\nmodule m\n", "" },

        /* go, toolchain, godebug */
        { "module m\ngo 1.20", "" },
        { "module m\ngo 1.21.0", "" },
        { "module m\ngo 1.21rc1", "" },
        { "module m\ngo 1.21.3rc1", "" },
        { "module m\ntoolchain go1.25.5-custom", "" },
        { "module m\ntoolchain default", "" },
        { "module m\ntoolchain go1", "" },
        { "module m\ngodebug default=go1.21\ngodebug (\n\tx=1\n\ty=a=b\n)", "" },

        /* require */
        { "module m\nrequire ()", "" },
        { "module m\nrequire (\n)\n", "" },
        { "module m\nrequire (\n\n\tx.y/b v1.0.0\n\n\t// prose\n\n\tx.y/a v1.0.0 // indirect\n)\n",
          "x.y/a v1.0.0 unconfined none require:8\nx.y/b v1.0.0 unconfined none require:4\n" },
        { "module m\nrequire x.y/a v1.0.0\nrequire x.y/a v1.10.0\nrequire x.y/a v1.9.0",
          "x.y/a v1.10.0 unconfined none require:2\n" },
        { "module m\nrequire m v1.0.0", "" },

        /* exclude, retract, tool, ignore */
        { "module m\nexclude x.y/a v1.0.0\nexclude (\n\tx.y/a v1.1.0\n)", "" },
        { "module m\nretract v1.0.0\nretract [v1.0.0,v1.2.0]\nretract (\n\tv2\n\t[ v1.0.0 , v1.2.0 ] // why\n)", "" },
        { "module m\ntool x.y/a/cmd\ntool (\n\tx.y/b/cmd\n)", "" },
        { "module m\nignore ./a\nignore (\n\tb\n\t\"c d\"\n)", "" },

        /* replace */
        { "module m\nrequire x.y/a v1.0.0\nreplace x.y/a => ../a", "x.y/a v1.0.0 => ../a - unconfined none require:2\n" },
        { "module m\nrequire x.y/a v1.0.0\nreplace x.y/a => z.z/b v1.5.0",
          "x.y/a v1.0.0 => z.z/b v1.5.0 unconfined none require:2\n" },
        { "module m\nreplace (\n\tx.y/a v1.0.0 => ./one\n\tx.y/a => ./all\n)\nrequire x.y/a v1.0.0",
          "x.y/a v1.0.0 => ./one - unconfined none require:6\n" },
        { "module m\nreplace (\n\tx.y/a v1.1.0 => ./one\n\tx.y/a => ./all\n)\nrequire x.y/a v1.0.0",
          "x.y/a v1.0.0 => ./all - unconfined none require:6\n" },
        { "module m\nreplace x.y/a v1.1.0 => ./one\nrequire x.y/a v1.0.0", "x.y/a v1.0.0 unconfined none require:3\n" },
        { "module m\nreplace x.y/a => ./one\nreplace x.y/a => ./one", "x.y/a - => ./one - unconfined none\n" },
        { "module m\nreplace x.y/a v1.9.0 => ./nine\nreplace x.y/a v1.10.0 => ./ten",
          "x.y/a v1.10.0 => ./ten - unconfined none\n" },
        { "module m\nreplace x.y/a v1.9.0 => ./nine\nreplace x.y/a => ./all", "x.y/a - => ./all - unconfined none\n" },
        { "module m\nreplace m => ./other", "" },
        { "module m\nreplace x.y/a => /", "x.y/a - => / - unconfined none\n" },
};

static const struct bad {
        const char *text, *message;
} bads[] = {
        /* the lexer */
        { "module m\n/* no */", "go.mod:2:1: go.mod files must use // comments (not /* */ comments)" },
        { "module m/*no*/", "go.mod:1:9: go.mod files must use // comments" },
        { "module \"m", "go.mod:1:8: string is not closed before the end of the line" },
        { "module `m\n`", "go.mod:1:8: string is not closed before the end of the line" },
        { "module \"m\\\"", "go.mod:1:8: string is not closed before the end of the line" },
        { "module \"m\\\n\"", "go.mod:1:8: string is not closed before the end of the line" },
        { "module \x01", "go.mod:1:8: unexpected character \"\\x01\"" },
        { "\xef\xbb\xbfmodule m", "go.mod:1:1: unexpected character" },
        { "module \xc2\xa0m", "go.mod:1:8: unexpected character" },
        { "module m\xff", "go.mod:1:9: invalid UTF-8" },
        { "module \"m\xff\"", "go.mod:1:8: invalid UTF-8 in string" },
        { "module m\ntool \xc3\xa9\xc3\xa9\xff", "go.mod:2:8: invalid UTF-8" },
        { "module \"\\q\"", "go.mod:1:8: invalid escape in quoted string" },
        { "module \"\\x4\"", "go.mod:1:8: invalid escape in quoted string" },
        { "module \"\\ud800\"", "go.mod:1:8: invalid escape in quoted string" },
        { "module \"\\400\"", "go.mod:1:8: invalid escape in quoted string" },
        { "module \"\\'\"", "go.mod:1:8: invalid escape in quoted string" },
        { "module m\ntool \"a\\x00b\"", "go.mod:2:6: string holds a NUL byte" },
        { "module 'm'", "go.mod:1:8: unquoted string cannot contain quote" },
        { "module a\"b", "go.mod:1:8: unquoted string cannot contain quote" },

        /* statements and blocks */
        { "", "go.mod:1:1: no module line" },
        { "// nothing\n", "go.mod:1:1: no module line" },
        { "go 1.20\n", "go.mod:1:1: no module line" },
        { "module ()", "go.mod:1:1: no module line" },
        { "module m\n  unknown x\n", "go.mod:2:3: unknown statement \"unknown\"" },
        { "module m\n\"require\" x.y/a v1.0.0\n", "go.mod:2:1: unknown statement \"\\\"require\\\"\"" },
        { "module m\n)", "go.mod:2:1: unknown statement \")\"" },
        { "module m\n(", "go.mod:2:1: unknown statement \"(\"" },
        { "module m\nuse (\n./x\n)", "go.mod:2:1: unknown statement \"use\"" },
        { "module m\ngo (\n1.20\n)", "go.mod:2:1: unknown block type \"go\"" },
        { "module m\ntoolchain ()", "go.mod:2:1: unknown block type \"toolchain\"" },
        { "module m\nrequire x (\n)", "go.mod:2:1: unknown block type \"require\" with arguments" },
        { "module m\n  require (\n", "go.mod:2:3: the block that starts here is not closed" },
        { "module m\nrequire (\n) x", "go.mod:3:3: expected the end of the line after \")\"" },
        { "module m\nrequire ( x.y/a v1.0.0 )", "go.mod:2:1: usage: require module/path v1.2.3" },
        { "module m\nrequire (\n x.y/a v1.0.0 )\n)", "go.mod:3:2: usage: require module/path v1.2.3" },

        /* each verb */
        { "module m\nmodule n", "go.mod:2:1: repeated module statement" },
        { "module (\n\tm\n\tn\n)", "go.mod:3:2: repeated module statement" },
        { "module", "go.mod:1:1: usage: module module/path" },
        { "module m n", "go.mod:1:1: usage: module module/path" },
        { "module /a", "go.mod:1:8: malformed module path \"/a\": empty path element" },
        { "module m\ngo", "go.mod:2:1: usage: go 1.23" },
        { "module m\ngo 1", "go.mod:2:4: invalid go version \"1\": must match format 1.23.0" },
        { "module m\ngo go1.20", "go.mod:2:4: invalid go version \"go1.20\"" },
        { "module m\ngo 1.020", "go.mod:2:4: invalid go version" },
        { "module m\ngo 01.20", "go.mod:2:4: invalid go version" },
        { "module m\ngo 1.20.", "go.mod:2:4: invalid go version" },
        { "module m\ngo 1.20rc", "go.mod:2:4: invalid go version" },
        { "module m\ngo 1.20\ngo 1.20", "go.mod:3:1: repeated go statement" },
        { "module m\ntoolchain 1.20", "go.mod:2:11: invalid toolchain \"1.20\"" },
        { "module m\ntoolchain", "go.mod:2:1: usage: toolchain go1.23.0" },
        { "module m\ntoolchain go1.20\ntoolchain go1.20", "go.mod:3:1: repeated toolchain statement" },
        { "module m\ngodebug x", "go.mod:2:1: usage: godebug key=value" },
        { "module m\ngodebug \"x=1\"", "go.mod:2:1: usage: godebug key=value" },
        { "module m\ngodebug x=1 y=1", "go.mod:2:1: usage: godebug key=value" },
        { "module m\nrequire", "go.mod:2:1: usage: require module/path v1.2.3" },
        { "module m\nrequire x.y/a", "go.mod:2:1: usage: require module/path v1.2.3" },
        { "module m\nrequire (\n\tx.y/a\n)", "go.mod:3:2: usage: require module/path v1.2.3" },
        { "module m\nrequire x.y/a v1.0.0 v1.0.1", "go.mod:2:1: usage: require module/path v1.2.3" },
        { "module m\nrequire x.y/a v1", "go.mod:2:15: version \"v1\" must be of the form v1.2.3" },
        { "module m\nrequire x.y/a latest", "go.mod:2:15: version \"latest\" must be of the form v1.2.3" },
        { "module m\nrequire x.y/a v2.0.0",
          "go.mod:2:15: version \"v2.0.0\" does not fit \"x.y/a\": the path asks for major version 0 or 1" },
        { "module m\nrequire x.y/a/v1 v1.0.0", "go.mod:2:18: version \"v1.0.0\" does not fit \"x.y/a/v1\"" },
        { "module m\nrequire \"x y\" v1.0.0", "go.mod:2:9: malformed module path \"x y\": invalid character" },
        { "module m\nrequire \"\" v1.0.0", "go.mod:2:9: malformed module path \"\": empty string" },
        { "module m\nexclude x.y/a", "go.mod:2:1: usage: exclude module/path v1.2.3" },
        { "module m\nexclude x.y/a v1", "go.mod:2:15: version \"v1\" must be of the form v1.2.3" },
        { "module m\nreplace x.y/a", "go.mod:2:1: usage: replace module/path" },
        { "module m\nreplace x.y/a =>", "go.mod:2:1: usage: replace module/path" },
        { "module m\nreplace x.y/a v1.0.0 ./b", "go.mod:2:1: usage: replace module/path" },
        { "module m\nreplace => ./b", "go.mod:2:1: usage: replace module/path" },
        { "module m\nreplace x.y/a v1 => ./b", "go.mod:2:15: version \"v1\" must be of the form v1.2.3" },
        { "module m\nreplace x.y/a => b.c/d", "go.mod:2:18: replacement module without version must be a directory path" },
        { "module m\nreplace x.y/a => ./b v1.0.0", "go.mod:2:18: replacement directory \"./b\" cannot have a version" },
        { "module m\nreplace x.y/a => .\\b", "go.mod:2:18: replacement directory \".\\\\b\" appears to be a Windows path" },
        { "module m\nreplace x.y/a => b.c/d v2.0.0", "go.mod:2:24: version \"v2.0.0\" does not fit \"b.c/d\"" },
        { "module m\nreplace (\n\tx.y/a => ./b\n\tx.y/a => ./c\n)", "go.mod:4:2: conflicting replacements for \"x.y/a\" (line 3)" },
        { "module m\nretract", "go.mod:2:1: usage: retract v1.2.3" },
        { "module m\nretract v1.0.0 x", "go.mod:2:1: usage: retract v1.2.3" },
        { "module m\nretract [v1.0.0]", "go.mod:2:1: usage: retract v1.2.3" },
        { "module m\nretract [v1.0.0, v1.1.0", "go.mod:2:1: usage: retract v1.2.3" },
        { "module m\nretract [v1.0.0, x]", "go.mod:2:18: invalid version \"x\"" },
        { "module m\ntool", "go.mod:2:1: usage: tool package/path" },
        { "module m\ntool a b", "go.mod:2:1: usage: tool package/path" },
        { "module m\nignore", "go.mod:2:1: usage: ignore ./directory" },
};

static void test_good(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
                struct jail_policy *policy = NULL;
                struct jail_error err;
                char expected[2048];
                if (jail_policy_parse(goods[i].text, strlen(goods[i].text), "go.mod", NULL, 0, &policy, &err) < 0)
                        fail_msg("%s\n%s", goods[i].text, err.msg);
                char *text = policy_text(policy);
                snprintf(expected, sizeof(expected), "main m\ndefault unconfined none\n%s", goods[i].modules);
                if (strcmp(text, expected) != 0)
                        fail_msg("%s\ngot:\n%swant:\n%s", goods[i].text, text, expected);
                free(text);
                jail_policy_free(policy);
        }
}

static void test_bad(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
                struct jail_policy *policy = NULL;
                struct jail_error err = { .msg = "no error" };
                int r = jail_policy_parse(bads[i].text, strlen(bads[i].text), "go.mod", NULL, 0, &policy, &err);
                if (r != JAIL_ESYNTAX || err.code != JAIL_ESYNTAX ||
                    strncmp(err.msg, bads[i].message, strlen(bads[i].message)) != 0)
                        fail_msg("%s\ngot %d %s\nwant %s", bads[i].text, r, err.msg, bads[i].message);
                assert_null(policy);
        }
}

static void test_rich(void **state) {
        (void) state;
        struct jail_policy *policy = NULL;
        struct jail_error err;
        if (jail_policy_parse(policy_rich_go_mod, strlen(policy_rich_go_mod), "x/go.mod", NULL, 0, &policy, &err) < 0)
                fail_msg("%s", err.msg);
        char *text = policy_text(policy);
        assert_string_equal(text,
                            "main example.com/main\n"
                            "default confined quiet exec module:4\n"
                            "example.com/a v1.2.3 => ../a - unconfined quiet fs.read exec block:19 require:21\n"
                            "example.com/b/v2 v2.0.0 => example.com/fork/v2 v2.0.1 confined callbacks quiet fs.read net.connect "
                            "net.listen exec line:26 require:27\n"
                            "example.com/deep v1.5.0 => ./with \"quotes\" \xc3\xa9 - confined quiet exec module:4\n"
                            "example.com/quoted v0.1.0 unconfined quiet fs.read exec block:19 require:22\n"
                            "example.com/raw v0.0.0-20240101000000-abcdefabcdef confined quiet fs.read exec line:23 require:23\n"
                            "example.com/single v1.0.0 unconfined quiet exec line:17 require:17\n"
                            "gopkg.in/yaml.v3 v3.0.1 unconfined quiet fs.read exec block:19 require:28\n");
        assert_string_equal(jail_policy_file(policy), "x/go.mod");
        free(text);
        jail_policy_free(policy);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),
                cmocka_unit_test(test_bad),
                cmocka_unit_test(test_rich),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
