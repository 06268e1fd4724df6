/* SPDX-License-Identifier: Apache-2.0 */
#include "gobin/unit_table.h"

#include "base/array.h"
#include "gobin/symbol_name.h"

#include <stdlib.h>

#define MAX_RUNS      (1u << 20)
#define MAX_RUN_BYTES (32u << 20) /* of the packages' names */
#define SAMPLES       4           /* functions that are looked at to tell a run's package */
#define MAX_PACKAGES  16          /* of the standard library, in one unit that is not the runtime's */
#define NO_UNIT       UINT32_MAX

/* After so many runs the memory of what was looked at is let go of; so many are looked at by unit_table_prepare(). */
#define RELEASE_INTERVAL 64
#define PREPARE_RUNS     16

/*
 * A sequence of functions of one unit, found by a few looks: what the compiler duplicated into its middle may be missed. Enough to
 * know which units a package has.
 */
struct run {
        uint32_t unit;
        struct str
                package; /* of the first functions that tell, as it is in the symbol; may be empty; owned, lest names be mapped */
};

/* What all functions of a unit that stand together, [first, end), say. */
struct checked_run {
        uint32_t first, end;
        module_id module; /* the one that is not the standard library's; MODULE_NONE when there is none */
        module_id other;  /* another one; a confined one first */
        bool std_forged;  /* it claims a package of the standard library that has its functions elsewhere, too */
        bool main_main;   /* it has main.main, which is nobody else's to define: the unit is the home of package main */
};

/* What is learnt of the standard library while the functions of such a run are looked at. */
struct std_claims {
        struct str packages[MAX_PACKAGES]; /* that they name, what is pushed aside */
        size_t n_packages;                 /* may be larger */
        struct str home;                   /* the package whose initialisation is there */
        bool pushed, others;
};

struct unit_table {
        const struct pclntab *tab;
        const struct module_set *set;
        struct run *runs; /* sorted by package, then unit, when all are there */
        size_t n_runs, capacity, package_bytes;
        uint32_t n_functions_seen;   /* the next run begins here */
        bool runs_known;             /* all are there */
        struct checked_run *checked; /* sorted */
        size_t n_checked, checked_capacity;
        bool runtime_known;    /* was looked for */
        uint32_t runtime_unit; /* runtime.main's, which nobody else can define; it has functions of many packages. Or NO_UNIT */
};

/*
 * What the compiler puts into the unit of whoever needs it first, and what has no unit of Go code: instantiations, hash and
 * equality functions, wrappers, assembly. abi.FuncIDWrapper is the last id (src/internal/abi/symtab.go): 21, 22 and 23 over the
 * versions.
 */
static bool is_exempt(const struct pclntab *tab, const struct go_func *func) {
        uint8_t id = 0;
        if ((pclntab_flags(tab, func) & GO_FUNC_ASM) || str_index(func->name, '[') >= 0 || str_starts(func->name, STR("type:")) ||
            str_starts(func->name, STR("type..")) || str_starts(func->name, STR("go:")) || str_starts(func->name, STR("go.")))
                return true;
        (void) bytes_u8(func->record, (uint64_t) tab->layout->func.func_id, &id);
        return id == tab->layout->func_id_wrapper;
}

static uint32_t unit_of(const struct pclntab *tab, uint32_t index, struct go_func *ret_func) {
        uint32_t unit;
        return pclntab_function(tab, index, ret_func) && pclntab_unit(ret_func, &unit) ? unit : NO_UNIT;
}

static bool is_of_unit(const struct pclntab *tab, uint32_t index, uint32_t unit) {
        uint32_t other = NO_UNIT;
        (void) pclntab_unit_at(tab, index, &other);
        return other == unit;
}

/* The end of the run that begins at first: probes at growing distances, then halves the last one. */
static uint32_t run_end(const struct pclntab *tab, uint32_t first, uint32_t unit) {
        uint32_t inside = first, step = 1;
        while (inside + step < tab->n_functions && is_of_unit(tab, inside + step, unit)) {
                inside += step;
                step *= 2;
        }
        uint32_t outside = step < tab->n_functions - inside ? inside + step : tab->n_functions;
        while (outside - inside > 1) {
                uint32_t middle = inside + (outside - inside) / 2;
                if (is_of_unit(tab, middle, unit))
                        inside = middle;
                else
                        outside = middle;
        }
        return outside;
}

/*
 * What packages of the standard library define in the name of others by //go:linkname, runtime aside: all functions with a body
 * behind such a directive in the sources of Go 1.18 to 1.26, tests aside.
 */
static bool is_pushed(struct str name) {
        static const struct str pushed[] = {
                { "crypto/internal/fips140hash.sha3Unwrap", 38 }, /* src/crypto/sha3/sha3.go, fips140hash_sha3Unwrap */
                { "net.newUnixFile", 15 },                        /* src/os/file_unix.go, net_newUnixFile */
                { "os.checkClonePidfd", 18 },                     /* src/syscall/exec_linux.go, os_checkClonePidfd */
                { "syscall.RawSyscall6", 19 },                    /* src/runtime/internal/syscall/syscall_linux.go, up to Go 1.22 */
                { "syscall.hasWaitingReaders", 25 },              /* src/sync/rwmutex.go, syscall_hasWaitingReaders */
                { "reflect.arena_New", 17 },                      /* src/arena/arena.go, reflect_arena_New */
                { "testing/synctest.testingSynctestTest", 36 },   /* src/testing/testing.go, testingSynctestTest */
                { "time.registerLoadFromEmbeddedTZData", 35 },    /* src/time/tzdata/tzdata.go, registerLoadFromEmbeddedTZData */
        };
        for (size_t i = 0; i < sizeof(pushed) / sizeof(pushed[0]); i++)
                if (str_equal(name, pushed[i]))
                        return true;
        /* src/internal/runtime/maps/runtime.go and its kin; src/internal/fuzz/trace.go */
        return str_starts(name, STR("runtime.mapaccess")) || str_starts(name, STR("runtime.mapassign")) ||
               str_starts(name, STR("runtime.mapdelete")) || str_starts(name, STR("runtime.libfuzzer"));
}

static struct str sample_package(const struct pclntab *tab, uint32_t unit, uint32_t first, uint32_t end) {
        struct go_func func;
        unsigned seen = 0;
        for (uint32_t i = first; i < end && seen < SAMPLES; i++) {
                uint32_t own;
                /* Not unit_of(): a function that cannot be read would be one of those that have no unit. */
                if (!pclntab_function(tab, i, &func) || !pclntab_unit(&func, &own) || own != unit || is_exempt(tab, &func) ||
                    is_pushed(func.name))
                        continue;
                struct str package = symbol_name_raw_package(func.name);
                seen++;
                if (package.len > 0)
                        return package;
        }
        return (struct str){ 0 };
}

static int compare_str(struct str a, struct str b) {
        size_t len = a.len < b.len ? a.len : b.len;
        int c = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
        return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

static int compare_runs(const void *a, const void *b) {
        const struct run *x = a, *y = b;
        int c = compare_str(x->package, y->package);
        return c != 0 ? c : (x->unit > y->unit) - (x->unit < y->unit);
}

static int add_run(struct unit_table *table, uint32_t unit, struct str package, struct jail_error *err) {
        int r = ARRAY_RESERVE(table->runs, &table->capacity, table->n_runs, MAX_RUNS, err);
        if (r < 0)
                return r;
        table->package_bytes += package.len;
        if (table->package_bytes > MAX_RUN_BYTES)
                return jail_error_set(err, JAIL_ELIMIT, 0, "more than %u bytes of package names", MAX_RUN_BYTES);
        char *copy = package.len > 0 ? strndup(package.ptr, package.len) : NULL;
        if (package.len > 0 && !copy)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        table->runs[table->n_runs++] = (struct run){ .unit = unit, .package = str_from(copy) };
        return 0;
}

/* Of several runs of one unit and package one says it all: has_other_home() then looks at three at most. */
static void drop_repeated(struct unit_table *table) {
        size_t n = 0;
        for (size_t i = 0; i < table->n_runs; i++) {
                if (n > 0 && compare_runs(&table->runs[n - 1], &table->runs[i]) == 0)
                        free((char *) (uintptr_t) table->runs[i].package.ptr);
                else
                        table->runs[n++] = table->runs[i];
        }
        table->n_runs = n;
}

static void find_runtime(struct unit_table *table) {
        struct go_func func;
        if (table->runtime_known)
                return;
        if (pclntab_find_named(table->tab, STR("runtime.main"), 0, &func))
                (void) pclntab_unit(&func, &table->runtime_unit);
        table->runtime_known = !effort_is_spent(table->tab->effort);
}

/* Goes on to look for runs: for at most max_runs. */
static int find_runs(struct unit_table *table, size_t max_runs, struct jail_error *err) {
        const struct pclntab *tab = table->tab;
        for (size_t n = 0; n < max_runs && table->n_functions_seen < tab->n_functions; n++) {
                uint32_t unit = NO_UNIT, first = table->n_functions_seen;
                (void) pclntab_unit_at(tab, first, &unit);
                uint32_t end = run_end(tab, first, unit);
                int r = add_run(table, unit, sample_package(tab, unit, first, end), err);
                if (r < 0)
                        return r;
                table->n_functions_seen = end;
                if (table->n_runs % RELEASE_INTERVAL == 0)
                        pclntab_release(tab);
        }
        if (effort_is_spent(tab->effort))
                return jail_error_set(err, JAIL_ELIMIT, 0, "the units of the program are too many");
        if (table->n_functions_seen < tab->n_functions)
                return 0;
        if (table->n_runs > 0)
                qsort(table->runs, table->n_runs, sizeof(*table->runs), compare_runs);
        drop_repeated(table);
        table->runs_known = true;
        return 0;
}

int unit_table_new(const struct pclntab *tab, const struct module_set *set, struct unit_table **ret_table, struct jail_error *err) {
        struct unit_table *table = calloc(1, sizeof(*table));
        if (!table)
                return jail_error_set(err, JAIL_ENOMEM, 0, "out of memory");
        table->tab = tab;
        table->set = set;
        table->runtime_unit = NO_UNIT;
        *ret_table = table;
        return 0;
}

static void forget_runs(struct unit_table *table) {
        for (size_t i = 0; i < table->n_runs; i++)
                free((char *) (uintptr_t) table->runs[i].package.ptr);
        table->n_runs = table->package_bytes = 0;
        table->n_functions_seen = 0;
}

int unit_table_prepare(struct unit_table *table, struct jail_error *err) {
        find_runtime(table);
        int r = table->runs_known ? 0 : find_runs(table, PREPARE_RUNS, err);
        if (r < 0) {
                forget_runs(table);
                return r;
        }
        return !table->runs_known;
}

void unit_table_free(struct unit_table *table) {
        if (!table)
                return;
        free(table->checked);
        forget_runs(table);
        free(table->runs);
        free(table);
}

static bool is_confined(const struct module_set *set, module_id id) {
        const struct module *module = module_set_get(set, id);
        return module->policy && module->policy->confined;
}

/* Takes note of which module a function of the unit names. */
static void note_module(const struct unit_table *table, struct str name, struct checked_run *checked) {
        module_id id = module_set_by_symbol(table->set, name);
        if (id == MODULE_NONE || id == MODULE_STD || id == checked->module)
                return;
        if (checked->module == MODULE_NONE)
                checked->module = id;
        else if (checked->other == MODULE_NONE || is_confined(table->set, id))
                checked->other = id;
}

/* Packages whose initialisation is a function in every Go version: nobody else can define it, so its unit is the package's. */
static bool is_std_home(struct str name) {
        static const struct str homes[] = {
                { "context.init", 12 }, { "errors.init", 11 },   { "io/fs.init", 10 }, { "log.init", 8 },
                { "net.init", 8 },      { "net/http.init", 13 }, { "os.init", 7 },     { "path/filepath.init", 18 },
                { "reflect.init", 12 }, { "syscall.init", 12 },  { "time.init", 9 },   { "unicode.init", 12 },
        };
        for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
                if (str_equal(name, homes[i]))
                        return true;
        return false;
}

static void note_package(struct std_claims *claims, struct str package) {
        for (size_t i = 0; i < claims->n_packages && i < MAX_PACKAGES; i++)
                if (str_equal(claims->packages[i], package))
                        return;
        if (claims->n_packages < MAX_PACKAGES)
                claims->packages[claims->n_packages] = package;
        claims->n_packages++;
}

static void note_home(struct str name, struct checked_run *checked, struct std_claims *claims) {
        if (str_equal(name, STR("main.main")))
                checked->main_main = true;
        if (is_std_home(name))
                claims->home = symbol_name_raw_package(name);
}

/* Looks at all functions from first on that are of the unit: which modules and which packages they name. */
static void check_functions(const struct unit_table *table, uint32_t unit, struct checked_run *checked, struct std_claims *claims) {
        struct str last = { 0 };
        struct go_func func;
        uint32_t i = checked->first;
        for (; i < table->tab->n_functions && unit_of(table->tab, i, &func) == unit; i++) {
                pclntab_release_behind(table->tab, i);
                if (func.name.len - last.len == 5) /* ".main", ".init" */
                        note_home(func.name, checked, claims);
                if (last.len > 0 && symbol_name_is_in(func.name, last))
                        continue;
                struct str package = symbol_name_raw_package(func.name);
                note_home(func.name, checked, claims);
                if (package.len == 0 || is_exempt(table->tab, &func))
                        continue;
                note_module(table, func.name, checked);
                if (is_pushed(func.name)) {
                        /* The one that stands alone in its unit is in every Go program. */
                        claims->pushed = !str_equal(func.name, STR("syscall.RawSyscall6"));
                        continue;
                }
                last = package;
                claims->others = true;
                if (module_set_by_symbol(table->set, func.name) == MODULE_STD)
                        note_package(claims, package);
        }
        checked->end = i;
}

/* Whether the package has functions in units other than `unit`; true, too, when that cannot be said. */
static bool has_other_home(struct unit_table *table, struct str package, uint32_t unit) {
        if (!table->runs_known && find_runs(table, SIZE_MAX, NULL) < 0) {
                forget_runs(table);
                return true;
        }
        size_t low = 0, high = table->n_runs;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (compare_str(table->runs[middle].package, package) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (; low < table->n_runs && str_equal(table->runs[low].package, package); low++)
                if (table->runs[low].unit != unit && table->runs[low].unit != table->runtime_unit)
                        return true;
        return false;
}

/* Whether the unit has functions of a package of the standard library that is at home elsewhere. */
static bool is_std_forged(struct unit_table *table, uint32_t unit, const struct std_claims *claims) {
        if (unit == table->runtime_unit)
                return false;
        if (claims->n_packages > MAX_PACKAGES)
                return true;
        for (size_t i = 0; i < claims->n_packages; i++)
                if (!str_equal(claims->packages[i], claims->home) && has_other_home(table, claims->packages[i], unit))
                        return true;
        return claims->pushed && !claims->others;
}

/* The index of the first checked run that ends behind the function. */
static size_t search_checked(const struct unit_table *table, uint32_t index) {
        size_t low = 0, high = table->n_checked;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (table->checked[middle].end <= index)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

/* The exact run that holds the function, which is looked at once. NULL when memory ran out, or there is too much to look at. */
static const struct checked_run *find_checked(struct unit_table *table, uint32_t index, uint32_t unit) {
        size_t at = search_checked(table, index);
        if (at < table->n_checked && table->checked[at].first <= index)
                return &table->checked[at];
        struct checked_run checked = { .first = index };
        struct std_claims claims = { .n_packages = 0 };
        while (checked.first > 0 && is_of_unit(table->tab, checked.first - 1, unit))
                checked.first--;
        check_functions(table, unit, &checked, &claims);
        checked.std_forged = checked.module == MODULE_NONE && is_std_forged(table, unit, &claims);
        if (effort_is_spent(table->tab->effort) || checked.end <= index ||
            ARRAY_RESERVE(table->checked, &table->checked_capacity, table->n_checked, MAX_RUNS, NULL) < 0)
                return NULL;
        memmove(table->checked + at + 1, table->checked + at, (table->n_checked - at) * sizeof(*table->checked));
        table->n_checked++;
        table->checked[at] = checked;
        return &table->checked[at];
}

/*
 * Assembly may call itself what it likes. The linker keeps the units of one package together, the Go code first
 * (src/cmd/link/internal/ld/ lib.go, loadlib and textaddress), so the Go function in front of it is of the package that it was
 * assembled for.
 */
static enum unit_witness ask_assembly(const struct unit_table *table, const struct go_func *func, module_id symbol,
                                      module_id *ret_module) {
        struct go_func other;
        for (uint32_t i = func->index; i > 0; i--) {
                if (unit_of(table->tab, i - 1, &other) == NO_UNIT || is_exempt(table->tab, &other) ||
                    symbol_name_raw_package(other.name).len == 0)
                        continue;
                module_id id = module_set_by_symbol(table->set, other.name);
                /* A name without a package is no witness, and becomes none for a module that may do what it likes. */
                if (id == symbol || (symbol == MODULE_NONE && !is_confined(table->set, id)))
                        return UNIT_AGREES;
                *ret_module = id;
                return id == MODULE_STD || id == MODULE_NONE ? UNIT_FORGED : UNIT_NAMES;
        }
        return symbol == MODULE_STD || symbol == MODULE_NONE ? UNIT_AGREES : UNIT_FORGED;
}

enum unit_witness unit_table_ask(struct unit_table *table, const struct go_func *func, module_id symbol, module_id *ret_module) {
        uint32_t unit;
        if (!pclntab_unit(func, &unit))
                return UNIT_FORGED;
        if (unit != NO_UNIT && (pclntab_flags(table->tab, func) & GO_FUNC_ASM))
                return ask_assembly(table, func, symbol, ret_module);
        if (unit == NO_UNIT || is_exempt(table->tab, func))
                return UNIT_AGREES;
        find_runtime(table);
        if (unit == table->runtime_unit && symbol == MODULE_STD)
                return UNIT_AGREES; /* it defines functions of many packages */
        const struct checked_run *checked = find_checked(table, func->index, unit);
        if (!checked)
                return UNIT_FORGED;

        /* The unit of a module holds nothing but that module's functions. */
        if (checked->other != MODULE_NONE || (checked->module != MODULE_NONE && checked->module != symbol)) {
                *ret_module = checked->module != MODULE_NONE && checked->module != symbol ? checked->module : checked->other;
                if (checked->other != MODULE_NONE && checked->other != symbol && is_confined(table->set, checked->other))
                        *ret_module = checked->other;
                return UNIT_NAMES;
        }
        if (checked->std_forged)
                return UNIT_FORGED;
        struct str package = symbol_name_raw_package(func->name);
        if (symbol == MODULE_STD || symbol == MODULE_NONE || package.len == 0 || !has_other_home(table, package, unit))
                return UNIT_AGREES;
        return str_equal(package, STR("main")) && checked->main_main ? UNIT_AGREES : UNIT_FORGED;
}
