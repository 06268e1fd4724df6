/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/module_path.h"

static bool is_digit(char c) {
        return c >= '0' && c <= '9';
}

static bool is_alnum(char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *element_reason(struct str element) {
        bool only_dots = true;
        if (element.len == 0)
                return "empty path element";
        for (size_t i = 0; i < element.len; i++) {
                char c = element.ptr[i];
                if (!is_alnum(c) && c != '-' && c != '.' && c != '_' && c != '~' && c != '+')
                        return "invalid character";
                only_dots = only_dots && c == '.';
        }
        if (only_dots)
                return "path element of dots";
        if (element.ptr[element.len - 1] == '.')
                return "trailing dot in path element";
        return NULL;
}

bool module_path_check(struct str path, const char **ret_reason) {
        const char *reason = NULL;
        if (path.len == 0)
                reason = "empty string";
        else if (path.ptr[0] == '-')
                reason = "leading dash";
        for (bool last = false; !reason && !last;) {
                ptrdiff_t slash = str_index(path, '/');
                last = slash < 0;
                reason = element_reason(last ? path : str_head(path, (size_t) slash));
                path = last ? path : str_from_offset(path, (size_t) slash + 1);
        }
        if (reason)
                *ret_reason = reason;
        return !reason;
}

bool module_path_is_directory(struct str path) {
        bool drive = path.len >= 2 && path.ptr[1] == ':' && is_alnum(path.ptr[0]) && !is_digit(path.ptr[0]);
        return str_equal(path, STR(".")) || str_equal(path, STR("..")) || str_starts(path, STR("./")) ||
               str_starts(path, STR("../")) || str_starts(path, STR("/")) || str_starts(path, STR(".\\")) ||
               str_starts(path, STR("..\\")) || str_starts(path, STR("\\")) || drive;
}

/* The parts of a semantic version; views into it. */
struct version {
        struct str major, minor, patch;
        struct str prerelease; /* without the -; empty when there is none */
        struct str build;      /* with the + */
        bool complete;         /* all three numbers are there */
};

/* Takes a number without leading zeroes off the start of *s. */
static bool take_number(struct str *s, struct str *ret_number) {
        size_t len = 0;
        while (len < s->len && is_digit(s->ptr[len]))
                len++;
        if (len == 0 || (len > 1 && s->ptr[0] == '0'))
                return false;
        *ret_number = str_head(*s, len);
        *s = str_from_offset(*s, len);
        return true;
}

static bool is_number(struct str s) {
        for (size_t i = 0; i < s.len; i++)
                if (!is_digit(s.ptr[i]))
                        return false;
        return s.len > 0;
}

/* Takes dot-separated identifiers, up to stop or the end, off the start of *s. */
static bool take_identifiers(struct str *s, char stop, bool leading_zeroes, struct str *ret_identifiers) {
        size_t len = 0, start = 0;
        for (; len <= s->len; len++) {
                bool end = len == s->len || (stop && s->ptr[len] == stop);
                if (!end && s->ptr[len] != '.') {
                        if (!is_alnum(s->ptr[len]) && s->ptr[len] != '-')
                                return false;
                        continue;
                }
                struct str identifier = { s->ptr + start, len - start };
                if (identifier.len == 0)
                        return false;
                if (!leading_zeroes && identifier.len > 1 && identifier.ptr[0] == '0' && is_number(identifier))
                        return false;
                start = len + 1;
                if (end)
                        break;
        }
        *ret_identifiers = str_head(*s, len);
        *s = str_from_offset(*s, len);
        return true;
}

static bool version_parse(struct str s, struct version *ret_version) {
        struct version v = { .minor = STR("0"), .patch = STR("0") };
        if (!str_starts(s, STR("v")))
                return false;
        s = str_from_offset(s, 1);
        if (!take_number(&s, &v.major))
                return false;
        struct str *const parts[] = { &v.minor, &v.patch };
        for (size_t i = 0; i < 2 && s.len > 0; i++) {
                if (s.ptr[0] != '.')
                        return false;
                s = str_from_offset(s, 1);
                if (!take_number(&s, parts[i]))
                        return false;
                v.complete = i == 1;
        }
        if (v.complete && str_starts(s, STR("-"))) {
                s = str_from_offset(s, 1);
                if (!take_identifiers(&s, '+', false, &v.prerelease))
                        return false;
        }
        if (v.complete && str_starts(s, STR("+"))) {
                v.build = s;
                s = str_from_offset(s, 1);
                struct str identifiers;
                if (!take_identifiers(&s, '\0', true, &identifiers))
                        return false;
        }
        if (s.len > 0)
                return false;
        *ret_version = v;
        return true;
}

bool module_version_valid(struct str version) {
        struct version v;
        return version_parse(version, &v);
}

bool module_version_canonical(struct str version) {
        struct version v;
        return version_parse(version, &v) && v.complete && (v.build.len == 0 || str_equal(v.build, STR("+incompatible")));
}

static int compare_text(struct str a, struct str b) {
        size_t len = a.len < b.len ? a.len : b.len;
        int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
        return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Numbers have no leading zeroes, so the longer one is larger. */
static int compare_number(struct str a, struct str b) {
        return a.len != b.len ? (a.len > b.len) - (a.len < b.len) : compare_text(a, b);
}

static struct str take_identifier(struct str *s) {
        ptrdiff_t dot = str_index(*s, '.');
        struct str identifier = dot < 0 ? *s : str_head(*s, (size_t) dot);
        *s = dot < 0 ? (struct str){ 0 } : str_from_offset(*s, (size_t) dot + 1);
        return identifier;
}

static int compare_prerelease(struct str a, struct str b) {
        if (a.len == 0 || b.len == 0)
                return (a.len == 0) - (b.len == 0); /* a release comes after its pre-releases */
        while (a.len > 0 && b.len > 0) {
                struct str x = take_identifier(&a), y = take_identifier(&b);
                bool x_number = is_number(x), y_number = is_number(y);
                int order = x_number && y_number   ? compare_number(x, y)
                            : x_number != y_number ? y_number - x_number
                                                   : compare_text(x, y);
                if (order != 0)
                        return order;
        }
        return (a.len > 0) - (b.len > 0);
}

int module_version_compare(struct str a, struct str b) {
        struct version v, w;
        bool v_valid = version_parse(a, &v), w_valid = version_parse(b, &w);
        if (!v_valid || !w_valid)
                return v_valid - w_valid;
        int order = compare_number(v.major, w.major);
        if (order == 0)
                order = compare_number(v.minor, w.minor);
        if (order == 0)
                order = compare_number(v.patch, w.patch);
        return order != 0 ? order : compare_prerelease(v.prerelease, w.prerelease);
}

/* The major version that the path asks for, as "2"; empty when it has no suffix. False when the suffix is malformed. */
static bool path_major(struct str path, struct str *ret_major) {
        bool gopkg = str_starts(path, STR("gopkg.in/"));
        if (gopkg && str_ends(path, STR("-unstable")))
                path.len -= strlen("-unstable");
        size_t start = path.len;
        bool dots = false;
        while (start > 0 && (is_digit(path.ptr[start - 1]) || (!gopkg && path.ptr[start - 1] == '.'))) {
                dots = dots || path.ptr[start - 1] == '.';
                start--;
        }
        struct str major = str_from_offset(path, start);
        bool suffix = major.len > 0 && start > 1 && path.ptr[start - 1] == 'v' && path.ptr[start - 2] == (gopkg ? '.' : '/');
        if (!suffix) {
                *ret_major = (struct str){ 0 };
                return !gopkg;
        }
        bool one = !gopkg && str_equal(major, STR("1"));
        bool zero = major.ptr[0] == '0' && !(gopkg && major.len == 1);
        if (dots || one || zero)
                return false;
        *ret_major = major;
        return true;
}

bool module_path_major_check(struct str path, struct str version, const char **ret_reason) {
        struct str major;
        struct version v;
        if (!path_major(path, &major)) {
                *ret_reason = str_starts(path, STR("gopkg.in/")) ? "a gopkg.in path must end in .vN"
                                                                 : "the path's major version suffix is malformed";
                return false;
        }
        if (!version_parse(version, &v)) {
                *ret_reason = "the version must be of the form v1.2.3";
                return false;
        }
        if (major.len == 0) {
                if (str_equal(v.major, STR("0")) || str_equal(v.major, STR("1")) || str_equal(v.build, STR("+incompatible")))
                        return true;
                *ret_reason = "the path asks for major version 0 or 1";
                return false;
        }
        /* Old pseudo-versions of gopkg.in's .v1 are v0.0.0-… */
        if (str_equal(v.major, major) ||
            (str_starts(path, STR("gopkg.in/")) && str_equal(major, STR("1")) && str_starts(version, STR("v0.0.0-"))))
                return true;
        *ret_reason = "the path asks for another major version";
        return false;
}
