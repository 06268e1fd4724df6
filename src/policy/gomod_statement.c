/* SPDX-License-Identifier: Apache-2.0 */
/* What is accepted follows modfile.File.add in golang.org/x/mod/modfile/rule.go. */
#include "policy/gomod_statement.h"

#include "policy/gomod_string.h"
#include "policy/module_path.h"

struct gomod_verb {
        const char *name;
        bool has_blocks;
        bool takes_directives;
        int (*apply)(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err);
};

static struct position token_position(const struct gomod_statement *statement, const struct gomod_token *token) {
        return (struct position){ statement->at.file, statement->at.line, token->column };
}

static int error_usage(const struct gomod_statement *statement, const char *usage, struct jail_error *err) {
        return position_error(err, JAIL_ESYNTAX, statement->at, "usage: %s", usage);
}

/* ELIMIT and ENOMEM of an array get the place that they are about. */
static int error_at(const struct gomod_statement *statement, int r, const char *what, struct jail_error *err) {
        if (r == JAIL_ELIMIT)
                return position_error(err, JAIL_ELIMIT, statement->at, "more than %zu %s", GOMOD_MODULES_MAX, what);
        return r;
}

static int read_string(struct gomod *gomod, const struct gomod_statement *statement, size_t arg, struct str *ret_value,
                       struct jail_error *err) {
        return gomod_string_value(&statement->args[arg], statement->at, &gomod->strings, ret_value, err);
}

static int read_module_path(struct gomod *gomod, const struct gomod_statement *statement, size_t arg, struct str *ret_path,
                            struct jail_error *err) {
        struct str path;
        const char *reason;
        int r = read_string(gomod, statement, arg, &path, err);
        if (r < 0)
                return r;
        if (!module_path_check(path, &reason))
                return position_error(err, JAIL_ESYNTAX, token_position(statement, &statement->args[arg]),
                                      "malformed module path %s: %s", position_quote(path).text, reason);
        *ret_path = path;
        return 0;
}

/* Reads a version of the module path. The go command resolves what is not canonical and writes the result back to go.mod. */
static int read_version(struct gomod *gomod, const struct gomod_statement *statement, size_t arg, struct str path,
                        struct str *ret_version, struct jail_error *err) {
        struct str version;
        const char *reason;
        struct position at = token_position(statement, &statement->args[arg]);
        int r = read_string(gomod, statement, arg, &version, err);
        if (r < 0)
                return r;
        if (!module_version_canonical(version))
                return position_error(err, JAIL_ESYNTAX, at, "version %s must be of the form v1.2.3; go mod tidy makes it so",
                                      position_quote(version).text);
        if (!module_path_major_check(path, version, &reason))
                return position_error(err, JAIL_ESYNTAX, at, "version %s does not fit %s: %s", position_quote(version).text,
                                      position_quote(path).text, reason);
        *ret_version = version;
        return 0;
}

static int apply_module(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        if (gomod->module_path.ptr)
                return position_error(err, JAIL_ESYNTAX, statement->at, "repeated module statement");
        if (statement->n_args != 1)
                return error_usage(statement, "module module/path", err);
        struct str path;
        int r = read_module_path(gomod, statement, 0, &path, err);
        if (r < 0)
                return r;
        gomod->module_path = path;
        gomod->defaults = gomod_grant_merge(statement->line, statement->block);
        if (gomod->defaults.confinement != DIRECTIVE_CONFINEMENT_UNSET)
                gomod->defaults.origin = JAIL_POLICY_ORIGIN_MODULE;
        return 0;
}

/* Takes a decimal number off the start of *s; one that starts with 0 only when it is 0. */
static bool take_number(struct str *s, bool zero_allowed) {
        size_t len = 0;
        while (len < s->len && s->ptr[len] >= '0' && s->ptr[len] <= '9')
                len++;
        if (len == 0 || (s->ptr[0] == '0' && (len > 1 || !zero_allowed)))
                return false;
        *s = str_from_offset(*s, len);
        return true;
}

static bool take_dot(struct str *s) {
        bool dot = str_starts(*s, STR("."));
        *s = str_from_offset(*s, dot);
        return dot;
}

/* 1.23, 1.23.4, 1.23rc1 (modfile.GoVersionRE). */
static bool go_version_valid(struct str s) {
        if (!take_number(&s, false) || !take_dot(&s) || !take_number(&s, true))
                return false;
        if (take_dot(&s) && !take_number(&s, true))
                return false;
        if (s.len == 0)
                return true;
        size_t letters = 0;
        while (letters < s.len && s.ptr[letters] >= 'a' && s.ptr[letters] <= 'z')
                letters++;
        struct str digits = str_from_offset(s, letters);
        for (size_t i = 0; i < digits.len; i++)
                if (digits.ptr[i] < '0' || digits.ptr[i] > '9')
                        return false;
        return letters > 0 && digits.len > 0;
}

static int apply_go(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        if (gomod->has_go)
                return position_error(err, JAIL_ESYNTAX, statement->at, "repeated go statement");
        if (statement->n_args != 1)
                return error_usage(statement, "go 1.23", err);
        if (!go_version_valid(statement->args[0].text))
                return position_error(err, JAIL_ESYNTAX, token_position(statement, &statement->args[0]),
                                      "invalid go version %s: must match format 1.23.0",
                                      position_quote(statement->args[0].text).text);
        gomod->has_go = true;
        return 0;
}

static int apply_toolchain(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        if (gomod->has_toolchain)
                return position_error(err, JAIL_ESYNTAX, statement->at, "repeated toolchain statement");
        if (statement->n_args != 1)
                return error_usage(statement, "toolchain go1.23.0", err);
        struct str name = statement->args[0].text;
        if (!str_equal(name, STR("default")) && !str_equal(name, STR("go1")) && !str_starts(name, STR("go1.")))
                return position_error(err, JAIL_ESYNTAX, token_position(statement, &statement->args[0]),
                                      "invalid toolchain %s: must match format go1.23.0 or default", position_quote(name).text);
        gomod->has_toolchain = true;
        return 0;
}

static int apply_godebug(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        (void) gomod;
        struct str arg = statement->n_args == 1 ? statement->args[0].text : (struct str){ 0 };
        bool quotes = str_index(arg, '"') >= 0 || str_index(arg, '\'') >= 0 || str_index(arg, '`') >= 0;
        if (quotes || str_index(arg, '=') < 0)
                return error_usage(statement, "godebug key=value", err);
        return 0;
}

static int apply_require(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        if (statement->n_args != 2)
                return error_usage(statement, "require module/path v1.2.3", err);
        struct gomod_require require = { .line = statement->at.line, .column = statement->args[0].column };
        int r = read_module_path(gomod, statement, 0, &require.path, err);
        if (r < 0)
                return r;
        r = read_version(gomod, statement, 1, require.path, &require.version, err);
        if (r < 0)
                return r;
        require.grant = gomod_grant_merge(statement->line, statement->block);
        return error_at(statement, gomod_add_require(gomod, &require, err), "requirements", err);
}

static int apply_exclude(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        if (statement->n_args != 2)
                return error_usage(statement, "exclude module/path v1.2.3", err);
        struct str path, version;
        int r = read_module_path(gomod, statement, 0, &path, err);
        if (r < 0)
                return r;
        return read_version(gomod, statement, 1, path, &version, err);
}

/* Reads the right side of a replace, whose first token is args[arg]. */
static int read_replacement(struct gomod *gomod, const struct gomod_statement *statement, size_t arg, struct gomod_replace *replace,
                            struct jail_error *err) {
        bool versioned = statement->n_args == arg + 2;
        struct position at = token_position(statement, &statement->args[arg]);
        struct str path;
        int r = read_string(gomod, statement, arg, &path, err);
        if (r < 0)
                return r;
        bool directory = module_path_is_directory(path);
        if (directory && versioned)
                return position_error(err, JAIL_ESYNTAX, at, "replacement directory %s cannot have a version",
                                      position_quote(path).text);
        if (directory && str_index(path, '\\') >= 0)
                return position_error(err, JAIL_ESYNTAX, at, "replacement directory %s appears to be a Windows path",
                                      position_quote(path).text);
        if (!directory && !versioned)
                return position_error(
                        err, JAIL_ESYNTAX, at,
                        "replacement module without version must be a directory path (rooted or starting with . or ..)");
        replace->new_path = path;
        if (directory)
                return 0;
        r = read_module_path(gomod, statement, arg, &replace->new_path, err);
        if (r < 0)
                return r;
        return read_version(gomod, statement, arg + 1, replace->new_path, &replace->new_version, err);
}

static int apply_replace(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        const struct gomod_token *args = statement->args;
        size_t n = statement->n_args;
        size_t arrow = n >= 2 && str_equal(args[1].text, STR("=>")) ? 1 : 2;
        if (n < arrow + 2 || n > arrow + 3 || !str_equal(args[arrow].text, STR("=>")))
                return error_usage(
                        statement,
                        "replace module/path [v1.2.3] => other/module v1.4.0, or replace module/path [v1.2.3] => ../directory",
                        err);

        struct gomod_replace replace = { .line = statement->at.line, .column = args[0].column };
        int r = read_module_path(gomod, statement, 0, &replace.path, err);
        if (r < 0)
                return r;
        if (arrow == 2) {
                r = read_version(gomod, statement, 1, replace.path, &replace.version, err);
                if (r < 0)
                        return r;
        }
        r = read_replacement(gomod, statement, arrow + 1, &replace, err);
        if (r < 0)
                return r;
        return error_at(statement, gomod_add_replace(gomod, &replace, err), "replacements", err);
}

static int apply_retract(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        const struct gomod_token *args = statement->args;
        size_t n = statement->n_args;
        bool single = n == 1;
        bool interval = n == 5 && gomod_token_is(&args[0], '[') && gomod_token_is(&args[2], ',') && gomod_token_is(&args[4], ']');
        if (!single && !interval)
                return error_usage(statement, "retract v1.2.3, or retract [v1.2.3, v1.3.0]", err);
        for (size_t i = interval ? 1 : 0; i < n; i += 2) {
                struct str version;
                int r = read_string(gomod, statement, i, &version, err);
                if (r < 0)
                        return r;
                if (!module_version_valid(version))
                        return position_error(err, JAIL_ESYNTAX, token_position(statement, &args[i]), "invalid version %s",
                                              position_quote(version).text);
                if (single)
                        break;
        }
        return 0;
}

static int apply_tool(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        struct str path;
        if (statement->n_args != 1)
                return error_usage(statement, "tool package/path", err);
        return read_string(gomod, statement, 0, &path, err);
}

static int apply_ignore(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        struct str path;
        if (statement->n_args != 1)
                return error_usage(statement, "ignore ./directory", err);
        return read_string(gomod, statement, 0, &path, err);
}

static const struct gomod_verb verbs[] = {
        { "module", true, true, apply_module },
        { "go", false, false, apply_go },
        { "toolchain", false, false, apply_toolchain },
        { "godebug", true, false, apply_godebug },
        { "require", true, true, apply_require },
        { "exclude", true, false, apply_exclude },
        { "replace", true, false, apply_replace },
        { "retract", true, false, apply_retract },
        { "tool", true, false, apply_tool },
        { "ignore", true, false, apply_ignore },
};

const struct gomod_verb *gomod_verb_find(struct str name) {
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                if (str_equal(name, str_from(verbs[i].name)))
                        return &verbs[i];
        return NULL;
}

const char *gomod_verb_name(const struct gomod_verb *verb) {
        return verb->name;
}

bool gomod_verb_has_blocks(const struct gomod_verb *verb) {
        return verb->has_blocks;
}

bool gomod_verb_takes_directives(const struct gomod_verb *verb) {
        return verb->takes_directives;
}

int gomod_statement_apply(struct gomod *gomod, const struct gomod_statement *statement, struct jail_error *err) {
        return statement->verb->apply(gomod, statement, err);
}
