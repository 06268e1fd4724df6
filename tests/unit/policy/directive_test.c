/* SPDX-License-Identifier: Apache-2.0 */
/* Directives and what is nearly one: each row is the text after the // of one comment that starts at column 4. */
#include "policy/directive.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jail/class.h>

#define CLASS(name) (UINT32_C(1) << JAIL_CLASS_##name)
#define CONFINED    DIRECTIVE_CONFINEMENT_CONFINED
#define UNCONFINED  DIRECTIVE_CONFINEMENT_UNCONFINED
#define UNSET       DIRECTIVE_CONFINEMENT_UNSET

static const struct good {
        const char *comment;
        enum directive_confinement confinement;
        bool callbacks;
        uint32_t quiet_classes;
        unsigned first_column; /* 0: no directive */
} goods[] = {
        /* directives */
        { " gomodjail:confined", CONFINED, false, 0, 5 },
        { "gomodjail:confined", CONFINED, false, 0, 4 },
        { "gomodjail:unconfined", UNCONFINED, false, 0, 4 },
        { "\t gomodjail:unconfined \t", UNCONFINED, false, 0, 6 },
        { " indirect; gomodjail:confined", CONFINED, false, 0, 15 },
        { " indirect;gomodjail:confined", CONFINED, false, 0, 14 },
        { " indirect // gomodjail:confined", CONFINED, false, 0, 17 },
        { " indirect //gomodjail:confined", CONFINED, false, 0, 16 },
        { " gomodjail:confined jail:callbacks", CONFINED, true, 0, 5 },
        { " gomodjail:confined; jail:callbacks", CONFINED, true, 0, 5 },
        { " gomodjail:confined, jail:callbacks", CONFINED, true, 0, 5 },
        { " gomodjail:confined // jail:callbacks", CONFINED, true, 0, 5 },
        { " gomodjail:confined gomodjail:confined", CONFINED, false, 0, 5 },
        { " jail:callbacks", UNSET, true, 0, 5 },
        { " jail:quiet fs.read", UNSET, false, CLASS(FS_READ), 5 },
        { " jail:quiet mem.exec jail:quiet other", UNSET, false, CLASS(MEM_EXEC) | CLASS(OTHER), 5 },
        { " jail:quiet fs.read; jail:quiet exec; gomodjail:confined", CONFINED, false, CLASS(FS_READ) | CLASS(EXEC), 5 },
        { " gomodjail:confined because it parses what users send", CONFINED, false, 0, 5 },
        { " it parses what users send: gomodjail:confined", CONFINED, false, 0, 32 },
        { " jail:quiet fs.read since it looks for its own executable", UNSET, false, CLASS(FS_READ), 5 },
        { " \xc3\xa9\xc3\xa9 gomodjail:confined", CONFINED, false, 0, 8 }, /* columns count runes */
        { " gomodjail:confined\r", CONFINED, false, 0, 5 },

        /* prose */
        { "", UNSET, false, 0, 0 },
        { " indirect", UNSET, false, 0, 0 },
        { " see gomodjail docs", UNSET, false, 0, 0 },
        { " FIX"
          "ME: gomodjail support is currently broken",
          UNSET, false, 0, 0 },
        { " https://github.com/AkihiroSuda/gomodjail", UNSET, false, 0, 0 },
        { " see gomodjail, too. Or gomodjail.", UNSET, false, 0, 0 },
        { " the gomodjail confined modules follow", UNSET, false, 0, 0 },
        { " gomodjail's README", UNSET, false, 0, 0 },
        { " a jail for modules", UNSET, false, 0, 0 },
        { " welcome to jail: have fun", UNSET, false, 0, 0 },
        { " is confined to one CPU", UNSET, false, 0, 0 },
        { " confined: no", UNSET, false, 0, 0 },
        { "gosocialcheck:trusted", UNSET, false, 0, 0 },
        { "go:build linux", UNSET, false, 0, 0 },
        { "nolint:all", UNSET, false, 0, 0 },
        { " TO"
          "DO(jail): callbacks are slow",
          UNSET, false, 0, 0 },
        { " quiet fs.read", UNSET, false, 0, 0 },
        { " \xff\xfe", UNSET, false, 0, 0 },
};

static const struct bad {
        const char *comment;
        unsigned column;
        const char *message; /* that the message starts with, after file:line:column */
} bads[] = {
        /* one word */
        { " gomodjail:confind", 5, "unknown directive \"gomodjail:confind\"; did you mean \"gomodjail:confined\"?" },
        { " gomodjail:unconfied", 5, "unknown directive \"gomodjail:unconfied\"; did you mean \"gomodjail:unconfined\"?" },
        { "Gomodjail:confined", 4, "unknown directive \"Gomodjail:confined\"; did you mean \"gomodjail:confined\"?" },
        { " gomodjail:CONFINED", 5, "unknown directive \"gomodjail:CONFINED\"; did you mean \"gomodjail:confined\"?" },
        { " gomodjail:confined.", 5, "unknown directive \"gomodjail:confined.\"; did you mean \"gomodjail:confined\"?" },
        { " gomodjail:callbacks", 5, "unknown directive \"gomodjail:callbacks\"; did you mean \"jail:callbacks\"?" },
        { " gomodjail:foo", 5, "unknown directive \"gomodjail:foo\"; known are gomodjail:confined, gomodjail:unconfined," },
        { " gomodjail:", 5, "unknown directive \"gomodjail:\"; did you mean \"gomodjail:confined\"?" },
        { " gomod-jail:confined", 5, "\"gomod-jail:confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " gomodjail=confined", 5, "\"gomodjail=confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " gomodjail-unconfined", 5, "\"gomodjail-unconfined\" is no directive; did you mean \"gomodjail:unconfined\"?" },
        { "go:modjail", 4, "\"go:modjail\" is no directive; did you mean \"gomodjail:confined\"?" },
        { "go:modjail:confined", 4, "\"go:modjail:confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " modjail:confined", 5, "\"modjail:confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " gojail:unconfined", 5, "\"gojail:unconfined\" is no directive; did you mean \"gomodjail:unconfined\"?" },
        { " (gomodjail:confined)", 5, "\"(gomodjail:confined)\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " my/gomodjail:unconfined", 5, "\"my/gomodjail:unconfined\" is no directive; did you mean \"gomodjail:unconfined\"?" },
        { "/gomodjail:confined", 4, "\"/gomodjail:confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " gom\xd0\xbe"
          "djail:confined",
          5,
          "\"gom\xd0\xbe"
          "djail:confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " gomodjail\xef\xbc\x9a"
          "confined",
          5,
          "\"gomodjail\xef\xbc\x9a"
          "confined\" is no directive; did you mean \"gomodjail:confined\"?" },

        /* the namespace of jail */
        { " jail:callback", 5, "unknown directive \"jail:callback\" (a newer jail may know it); did you mean \"jail:callbacks\"?" },
        { " jail:confined", 5,
          "unknown directive \"jail:confined\" (a newer jail may know it); did you mean \"gomodjail:confined\"?" },
        { " jail:grant fs.read=/etc", 5,
          "unknown directive \"jail:grant\" (a newer jail may know it); known are gomodjail:confined," },
        { "JAIL:Quiet fs.read", 4, "unknown directive \"JAIL:Quiet\" (a newer jail may know it); did you mean \"jail:quiet\"?" },
        { " jail=callbacks", 5, "\"jail=callbacks\" is no directive; did you mean \"jail:callbacks\"?" },
        { " jail.quiet fs.read", 5, "\"jail.quiet\" is no directive; did you mean \"jail:quiet\"?" },
        { " jail:", 5, "unknown directive \"jail:\"; known are" },

        /* split by a blank */
        { " gomodjail: confined", 5, "unknown directive \"gomodjail: confined\"; did you mean \"gomodjail:confined\"?" },
        { " gomodjail: unconfined", 5, "unknown directive \"gomodjail: unconfined\"; did you mean \"gomodjail:unconfined\"?" },
        { " gomodjail :confined", 5, "\"gomodjail :confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " gomodjail : unconfined", 5, "\"gomodjail : unconfined\" is no directive; did you mean \"gomodjail:unconfined\"?" },
        { " gomodjail confined", 5, "\"gomodjail confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " indirect; gomodjail confined", 15, "\"gomodjail confined\" is no directive; did you mean \"gomodjail:confined\"?" },
        { " jail: callbacks", 5, "unknown directive \"jail: callbacks\"; did you mean \"jail:callbacks\"?" },
        { " with jail: callbacks", 10, "\"jail: callbacks\" is no directive; did you mean \"jail:callbacks\"?" },

        /* classes */
        { " jail:quiet", 5,
          "\"jail:quiet\" needs a class: fs.read, fs.write, net.connect, net.listen, exec, proc, mem.exec, sys, other" },
        { " jail:quiet; fs.read", 5, "\"jail:quiet\" needs a class: " },
        { " jail:quiet fs.raed", 16,
          "unknown class \"fs.raed\" after \"jail:quiet\"; did you mean \"fs.read\"? (classes: fs.read," },
        { " jail:quiet everything", 16, "unknown class \"everything\" after \"jail:quiet\" (classes: fs.read," },
        { " jail:quiet fs.read fs.write", 24, "\"jail:quiet\" takes one class; write \"jail:quiet fs.write\", too" },
        { " jail:quiet fs.read,fs.write", 24, "\"jail:quiet\" takes one class; write \"jail:quiet fs.write\", too" },

        /* contradictions */
        { " gomodjail:confined gomodjail:unconfined", 24, "\"gomodjail:unconfined\" contradicts \"gomodjail:confined\" (line 7)" },
        { " gomodjail:unconfined // gomodjail:confined", 29,
          "\"gomodjail:confined\" contradicts \"gomodjail:unconfined\" (line 7)" },
};

static struct position at(unsigned line) {
        return (struct position){ "go.mod", line, 4 };
}

static void test_good(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
                const struct good *good = &goods[i];
                struct directive_set set = { 0 };
                struct jail_error err;
                if (directive_set_scan(&set, at(7), str_from(good->comment), &err) < 0)
                        fail_msg("//%s: %s", good->comment, err.msg);
                bool same = set.confinement == good->confinement && set.callbacks == good->callbacks &&
                            set.quiet_classes == good->quiet_classes && set.first.column == good->first_column &&
                            directive_set_empty(&set) == (good->first_column == 0) &&
                            set.confinement_line == (good->confinement == UNSET ? 0 : 7);
                if (!same)
                        fail_msg("//%s: confinement %d callbacks %d quiet %x first column %u", good->comment, set.confinement,
                                 set.callbacks, set.quiet_classes, set.first.column);
        }
}

static void test_bad(void **state) {
        (void) state;
        for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
                const struct bad *bad = &bads[i];
                struct directive_set set = { 0 };
                struct jail_error err = { .msg = "no error" };
                char expected[512];
                snprintf(expected, sizeof(expected), "go.mod:7:%u: %s", bad->column, bad->message);
                int r = directive_set_scan(&set, at(7), str_from(bad->comment), &err);
                if (r != JAIL_ESYNTAX || strncmp(err.msg, expected, strlen(expected)) != 0)
                        fail_msg("//%s:\n  got  %d %s\n  want %s", bad->comment, r, err.msg, expected);
        }
}

static void test_several_comments_make_one_set(void **state) {
        (void) state;
        struct directive_set set = { 0 };
        struct jail_error err;
        assert_int_equal(directive_set_scan(&set, at(3), STR(" jail:quiet exec"), &err), 0);
        assert_int_equal(directive_set_scan(&set, at(4), STR(" gomodjail:confined"), &err), 0);
        assert_int_equal(directive_set_scan(&set, at(5), STR(" jail:callbacks gomodjail:confined"), &err), 0);
        assert_int_equal(set.confinement, CONFINED);
        assert_int_equal(set.confinement_line, 4);
        assert_int_equal(set.first.line, 3);
        assert_true(set.callbacks);
        assert_int_equal(set.quiet_classes, CLASS(EXEC));
        assert_int_equal(directive_set_scan(&set, at(6), STR(" gomodjail:unconfined"), &err), JAIL_ESYNTAX);
        assert_non_null(strstr(err.msg, "contradicts \"gomodjail:confined\" (line 4)"));
}

/* Nothing that the comment holds may reach a terminal as it is. */
static void test_messages_are_escaped(void **state) {
        (void) state;
        struct directive_set set = { 0 };
        struct jail_error err;
        assert_int_equal(directive_set_scan(&set, at(1), STR(" jail:\x1b[31m\x07"), &err), JAIL_ESYNTAX);
        assert_null(strchr(err.msg, '\x1b'));
        assert_non_null(strstr(err.msg, "\\x1b[31m\\x07"));

        char longword[4096] = "jail:";
        memset(longword + 5, 'x', sizeof(longword) - 6);
        assert_int_equal(directive_set_scan(&set, at(1), str_from(longword), &err), JAIL_ESYNTAX);
        assert_true(strlen(err.msg) < 300);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_good),
                cmocka_unit_test(test_bad),
                cmocka_unit_test(test_several_comments_make_one_set),
                cmocka_unit_test(test_messages_are_escaped),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
