/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/closure_host.h"

#include "gobin/symbol_name.h"

#include <ctype.h>

#define MAX_PARTS 64
#define MAX_NAME  4096

/* A local name, "init.0.(*T).M[...].func1", cut at the dots that are in no brackets. */
struct parts {
        struct str part[MAX_PARTS];
        size_t n;
};

static bool split(struct str local, struct parts *ret_parts) {
        unsigned depth = 0;
        size_t start = 0;
        ret_parts->n = 0;
        for (size_t i = 0; i <= local.len; i++) {
                char c = i < local.len ? local.ptr[i] : '.';
                if (c == '[' || c == '(' || c == '{')
                        depth++;
                else if ((c == ']' || c == ')' || c == '}') && depth > 0)
                        depth--;
                else if (c == '.' && (depth == 0 || i == local.len)) {
                        if (ret_parts->n == MAX_PARTS)
                                return false;
                        ret_parts->part[ret_parts->n++] = (struct str){ local.ptr + start, i - start };
                        start = i + 1;
                }
        }
        return true;
}

static bool is_number(struct str s) {
        for (size_t i = 0; i < s.len; i++)
                if (!isdigit((unsigned char) s.ptr[i]))
                        return false;
        return s.len > 0;
}

/* "func1", "gowrap2", "deferwrap3", and "1" for a closure in a closure. */
static bool is_closure_part(struct str part) {
        static const struct str words[] = { { "func", 4 }, { "gowrap", 6 }, { "deferwrap", 9 } };
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (str_starts(part, words[i]) && is_number(str_from_offset(part, words[i].len)))
                        return true;
        return is_number(part);
}

/* The body of a range-over-func loop is a closure: "F-range1". */
static bool cut_range(struct str *part) {
        static const struct str range = { "-range", 6 };
        ptrdiff_t at = str_find(*part, range);
        if (at < 0 || !is_number(str_from_offset(*part, (size_t) at + range.len)))
                return false;
        part->len = (size_t) at;
        return true;
}

/* "init.0" is a function, not a closure in init. */
static bool is_init(const struct parts *parts, size_t n) {
        return n == 2 && str_equal(parts->part[0], STR("init"));
}

/* Takes the parts off that closures add to the name of the function that they stand in. Returns whether there were any. */
static bool strip_closures(struct parts *parts) {
        bool stripped = false;
        while (parts->n > 0) {
                struct str *last = &parts->part[parts->n - 1];
                if (cut_range(last)) {
                        stripped = true;
                        continue;
                }
                if (parts->n == 1 || is_init(parts, parts->n) || !is_closure_part(*last))
                        break;
                parts->n--;
                stripped = true;
        }
        return stripped;
}

/* Equal but for type arguments, which the linker abbreviates here and there. */
static bool same_part(struct str a, struct str b) {
        ptrdiff_t a_bracket = str_index(a, '['), b_bracket = str_index(b, '[');
        if (a_bracket < 0 || b_bracket < 0)
                return a_bracket == b_bracket && str_equal(a, b);
        return str_equal(str_head(a, (size_t) a_bracket), str_head(b, (size_t) b_bracket));
}

/* Whether b stands in a from `at` on. */
static bool parts_at(const struct parts *a, size_t at, const struct parts *b) {
        if (b->n == 0 || a->n - at < b->n)
                return false;
        for (size_t i = 0; i < b->n; i++)
                if (!same_part(a->part[at + i], b->part[i]))
                        return false;
        return true;
}

/* A function of the unit that the closure may be named after. */
struct host {
        struct go_func func;
        size_t n_parts; /* of the closure's name; 0 when there is none */
};

static void try_host(const struct go_func *candidate, struct str package, const struct parts *name, struct host *host) {
        struct parts parts;
        if (!symbol_name_is_in(candidate->name, package) || !split(str_from_offset(candidate->name, package.len + 1), &parts) ||
            parts.n <= host->n_parts || !parts_at(name, 0, &parts))
                return;
        host->func = *candidate;
        host->n_parts = parts.n;
}

/*
 * The function of func's unit with the longest name that begins the closure's: func itself when the closure is inlined into it. A
 * closure stands behind the function that it is named after, most often, and a function whose name is all of it ends the search.
 */
static void find_host(const struct pclntab *tab, const struct go_func *func, struct str package, const struct parts *name,
                      struct host *ret_host) {
        struct go_func other;
        uint32_t unit, other_unit;
        ret_host->n_parts = 0;
        if (!pclntab_unit(func, &unit))
                return;
        try_host(func, package, name, ret_host);
        for (uint32_t i = func->index; i > 0 && ret_host->n_parts < name->n; i--) {
                if (!pclntab_function(tab, i - 1, &other) || !pclntab_unit(&other, &other_unit) || other_unit != unit)
                        break;
                pclntab_release_behind(tab, i);
                try_host(&other, package, name, ret_host);
        }
        for (uint32_t i = func->index + 1; i < tab->n_functions && ret_host->n_parts < name->n; i++) {
                if (!pclntab_function(tab, i, &other) || !pclntab_unit(&other, &other_unit) || other_unit != unit)
                        break;
                pclntab_release_behind(tab, i);
                try_host(&other, package, name, ret_host);
        }
}

/* What the host's inline tree says of the rest of the closure's name. */
struct search {
        const struct module_set *set;
        const struct parts *name;
        module_id symbol;
        module_id other;         /* another module's function that stands in the name; a confined one first */
        bool covered[MAX_PARTS]; /* parts that a function explains */
};

static bool is_confined(const struct module_set *set, module_id id) {
        const struct module *module = module_set_get(set, id);
        return module->policy && module->policy->confined;
}

static void look_at_inlined(struct search *search, size_t first, struct str inlined) {
        struct parts parts;
        if (!split(symbol_name_local(inlined), &parts))
                return;
        for (size_t at = first; at < search->name->n; at++) {
                if (!parts_at(search->name, at, &parts))
                        continue;
                for (size_t i = 0; i < parts.n; i++)
                        search->covered[at + i] = true;
                module_id id = module_set_by_symbol(search->set, inlined);
                if (id == search->symbol || id == MODULE_NONE || id == MODULE_STD)
                        continue;
                if (search->other == MODULE_NONE || is_confined(search->set, id))
                        search->other = id;
        }
}

#define CHUNK_BYTES (1u << 20)

/* Whether the name stands in a part of all names, between two NUL bytes. */
static bool stands_in(struct str part, struct bytes all, struct str name) {
        const char *begin = (const char *) all.ptr, *end = begin + all.len;
        for (ptrdiff_t at; (at = str_find(part, name)) >= 0; part = str_from_offset(part, (size_t) at + 1)) {
                const char *found = part.ptr + at;
                if ((found == begin || found[-1] == '\0') && found + name.len < end && found[name.len] == '\0')
                        return true;
        }
        return false;
}

/*
 * The image's names hold those of all functions and of all that was inlined; each is there once. They are looked at by the chunk,
 * each beginning before the last one's end, so that a name at the border is whole in one of them.
 */
static bool is_anywhere(const struct pclntab *tab, struct str name) {
        struct bytes names = pclntab_names(tab);
        struct str rest = { (const char *) names.ptr, names.len };
        for (;;) {
                if (!effort_spend(tab->effort, rest.len < CHUNK_BYTES ? rest.len : CHUNK_BYTES))
                        return false;
                if (stands_in(str_head(rest, CHUNK_BYTES), names, name))
                        return true;
                pclntab_release(tab);
                if (rest.len <= CHUNK_BYTES)
                        return false;
                rest = str_from_offset(rest, CHUNK_BYTES - name.len);
        }
}

/* The parts [first, end) as one name of the package. Empty when it is too long to be looked for. */
static struct str join(struct str package, const struct parts *name, size_t first, size_t end, char *buffer, size_t size) {
        struct str begin = name->part[first], last = name->part[end - 1];
        size_t len = (size_t) (last.ptr + last.len - begin.ptr);
        if (package.len + 1 + len > size)
                return (struct str){ 0 };
        memcpy(buffer, package.ptr, package.len);
        buffer[package.len] = '.';
        memcpy(buffer + package.len + 1, begin.ptr, len);
        return (struct str){ buffer, package.len + 1 + len };
}

/* The longest function of the package, be it only inlined somewhere, that the name has from `first` on: where it ends; first if
 * none. */
static size_t own_function(const struct pclntab *tab, struct str package, const struct parts *name, size_t first) {
        char buffer[MAX_NAME];
        for (size_t end = name->n; end > first; end--) {
                struct str own = join(package, name, first, end, buffer, sizeof(buffer));
                if (own.len > 0 && is_anywhere(tab, own))
                        return end;
        }
        return first;
}

/* The directory of the file that the function begins in; empty when there is none. */
static struct str directory_of(const struct pclntab *tab, const struct go_func *func) {
        struct str file;
        uint32_t line;
        if (!pclntab_file_line(tab, func, func->entry_vaddr, &file, &line))
                return (struct str){ 0 };
        ptrdiff_t slash = str_last_index(file, '/');
        return slash < 0 ? (struct str){ 0 } : str_head(file, (size_t) slash);
}

/*
 * A closure without variables leaves no trace of the call that made it. One that says by its file that it is another package's is
 * believed, and judged by that file; one that says it is the host's package's own is not, when that has no such function.
 */
static bool is_of_other_directory(const struct pclntab *tab, const struct host *host, const struct go_func *func) {
        struct str mine = directory_of(tab, func), hosts = directory_of(tab, &host->func);
        return mine.len > 0 && hosts.len > 0 && !str_equal(mine, hosts);
}

static enum closure_witness ask_host(const struct pclntab *tab, const struct host *host, const struct go_func *func,
                                     struct str package, const struct parts *name, struct search *search) {
        struct go_inline_cursor cursor = { 0 };
        struct str inlined;
        while (pclntab_next_inlined(tab, &host->func, &cursor, &inlined))
                look_at_inlined(search, host->n_parts, inlined);
        if (search->other != MODULE_NONE)
                return CLOSURE_NAMES;
        for (size_t i = host->n_parts; i < name->n;) {
                if (search->covered[i] || is_closure_part(name->part[i])) {
                        i++;
                        continue;
                }
                size_t end = own_function(tab, package, name, i);
                if (end == i)
                        return is_of_other_directory(tab, host, func) ? CLOSURE_AGREES : CLOSURE_FORGED;
                i = end;
        }
        return CLOSURE_AGREES;
}

/* "glob..func1": in a variable's initialiser; "map.init.0": part of the package's initialisation. */
static bool is_initialiser(struct str local) {
        return str_starts(local, STR("glob..")) || str_starts(local, STR("map.init."));
}

enum closure_witness closure_host_ask(const struct pclntab *tab, const struct module_set *set, const struct go_func *func,
                                      struct str name, module_id symbol, module_id *ret_module) {
        struct str package = symbol_name_raw_package(name), local = symbol_name_local(name);
        struct parts parts;
        /* The standard library imports no module, so nothing of a module is inlined into it. */
        if (local.len == 0 || symbol == MODULE_STD || is_initialiser(local))
                return CLOSURE_AGREES;
        if (!split(local, &parts))
                return CLOSURE_FORGED;
        if (!strip_closures(&parts))
                return CLOSURE_AGREES;

        struct host host;
        find_host(tab, func, package, &parts, &host);
        if (host.n_parts == parts.n)
                return CLOSURE_AGREES;
        if (host.n_parts == 0)
                return own_function(tab, package, &parts, 0) > 0 ? CLOSURE_AGREES : CLOSURE_FORGED;
        struct search search = { .set = set, .name = &parts, .symbol = symbol, .other = MODULE_NONE };
        enum closure_witness witness = ask_host(tab, &host, func, package, &parts, &search);
        *ret_module = search.other;
        return witness;
}
