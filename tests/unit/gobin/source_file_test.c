/* SPDX-License-Identifier: Apache-2.0 */
/* From source files, as line tables name them, to modules. */
#include "gobin/go_program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct go_program program;

static int teardown(void **state) {
        (void) state;
        go_program_clear(&program);
        return 0;
}

struct witness {
        const char *file, *module;
};

static void assert_files(const struct witness *cases, size_t n) {
        for (size_t i = 0; i < n; i++) {
                const char *got = go_program_by_file(&program, cases[i].file);
                if (strcmp(got, cases[i].module) != 0)
                        fail_msg("%s belongs to %s, not to %s", cases[i].file, got, cases[i].module);
        }
}

#define ASSERT_FILES(...)                                                                                                          \
        assert_files((const struct witness[]){ __VA_ARGS__ }, sizeof((struct witness[]){ __VA_ARGS__ }) / sizeof(struct witness))

#define MAIN_LINES "path\texample.com/main\nmod\texample.com/main\t(devel)\n"

/* A program of one module, at root, built with this GOROOT. */
static void start(const char *goroot_proc, const char *main_file) {
        go_program_init(&program, 22);
        go_program_function(&program, "runtime.main", goroot_proc);
        if (main_file)
                go_program_function(&program, "main.main", main_file);
}

static void test_module_cache(void **state) {
        (void) state;
        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/main.go");
        go_program_finish(&program,
                          MAIN_LINES "dep\texample.com/evil\tv1.2.3\ndep\tgithub.com/BurntSushi/toml\tv1.0.0\n"
                                     "dep\texample.com/v/v2\tv2.0.0\ndep\tgopkg.in/yaml.v3\tv3.0.1\n"
                                     "dep\texample.com/old\tv1.0.0\n=>\texample.com/fork\tv1.1.0\n",
                          "module example.com/main\nrequire example.com/named v1.0.0\n", "/src/proj/go.mod");
        ASSERT_FILES({ "/root/go/pkg/mod/example.com/evil@v1.2.3/evil.go", "example.com/evil" },
                     { "/root/go/pkg/mod/example.com/evil@v1.2.3/sub/x.go", "example.com/evil" },
                     { "/root/go/pkg/mod/example.com/evil@v9.9.9-0.20240101000000-abcdef/evil.go", "example.com/evil" },
                     { "/root/go/pkg/mod/github.com/!burnt!sushi/toml@v1.0.0/x.go", "github.com/BurntSushi/toml" },
                     { "/root/go/pkg/mod/github.com/burntsushi/toml@v1.0.0/x.go", "unknown" },
                     { "/root/go/pkg/mod/example.com/v/v2@v2.0.0/x.go", "example.com/v/v2" },
                     { "/root/go/pkg/mod/example.com/v@v1.0.0/v2/x.go", "unknown" },
                     { "/root/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/yaml.go", "gopkg.in/yaml.v3" },
                     { "/root/go/pkg/mod/example.com/named@v1.0.0/x.go", "example.com/named" }, /* go.mod alone names it */
                     { "/root/go/pkg/mod/example.com/nobody@v1.0.0/x.go", "unknown" },
                     { "/root/go/pkg/mod/xexample.com/evil@v1.2.3/x.go", "unknown" },
                     { "/root/go/pkg/mod/example.com/fork@v1.1.0/x.go", "example.com/old" },
                     { "/root/go/pkg/mod/example.com/old@v1.0.0/x.go", "example.com/old" },
                     /* The leftmost directory with a version decides: what is below is a directory of that module. */
                     { "/root/go/pkg/mod/example.com/evil@v1.2.3/example.com/named@v1.0.0/x.go", "example.com/evil" },
                     { "/root/go/pkg/mod/example.com/evil@v1.2.3/a@b/x.go", "example.com/evil" },
                     { "/home/u@v1/go/pkg/mod/example.com/evil@v1.2.3/x.go", "example.com/evil" },
                     { "/home/u@corp/go/pkg/mod/example.com/evil@v1.2.3/x.go", "example.com/evil" },
                     /* An escape at the end, one that is none. */
                     { "/root/go/pkg/mod/example.com/evil!@v1.2.3/x.go", "unknown" },
                     { "/root/go/pkg/mod/example.com/!evil@v1.2.3/x.go", "unknown" },
                     /* The main module itself, installed by path@version. */
                     { "/root/go/pkg/mod/example.com/main@v1.0.0/main.go", "main" });
}

/* Two modules whose sources stand at the same path, at other versions. */
static void test_fork_that_is_required_too(void **state) {
        (void) state;
        static const char mod[] = "module example.com/main\nrequire example.com/evil v1.0.0 // gomodjail:confined\n"
                                  "require example.com/good v1.0.0\nreplace example.com/evil => example.com/good v1.5.0\n";
        static const char dep[] = MAIN_LINES "dep\texample.com/good\tv1.0.0\n"
                                             "dep\texample.com/evil\tv1.0.0\n=>\texample.com/good\tv1.5.0\n";
        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/main.go");
        go_program_finish(&program, dep, mod, "/src/proj/go.mod");
        ASSERT_FILES({ "/mod/example.com/good@v1.0.0/x.go", "example.com/good" },
                     { "/mod/example.com/good@v1.5.0/x.go", "example.com/evil" },
                     { "/mod/example.com/good@v1.9.9/x.go", "example.com/evil" }, /* neither: the one that is confined */
                     { "/mod/example.com/evil@v1.0.0/x.go", "example.com/evil" });
}

static void test_goroot(void **state) {
        (void) state;
        static const char goroot[] = "/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.22.12.linux-amd64/src/runtime/proc.go";
        start(goroot, "/src/proj/main.go");
        go_program_finish(&program, MAIN_LINES, "module example.com/main\n", "/src/proj/go.mod");
        ASSERT_FILES({ goroot, "std" },
                     { "/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.22.12.linux-amd64/src/os/file.go", "std" },
                     { "/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.21.0.linux-amd64/src/os/file.go", "unknown" },
                     { "/root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.22.12.linux-amd64/srcx/file.go", "unknown" },
                     { "/usr/lib/go/src/os/file.go", "unknown" });
        go_program_clear(&program);

        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/main.go");
        go_program_finish(&program, MAIN_LINES, "module example.com/main\n", "/src/proj/go.mod");
        ASSERT_FILES({ "/usr/lib/go/src/os/file.go", "std" },
                     { "/usr/lib/go/src/vendor/golang.org/x/net/dns/dnsmessage/message.go", "std" },
                     { "/usr/lib/go/src/x@v1.0.0/y.go", "std" }, { "/usr/lib/go/srcx/file.go", "unknown" },
                     { "/usr/lib/go/misc/x.go", "unknown" });
}

static void test_no_witness(void **state) {
        (void) state;
        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/main.go");
        go_program_finish(&program, MAIN_LINES, "module example.com/main\n", "/src/proj/go.mod");
        ASSERT_FILES({ "", "-" }, { "<autogenerated>", "-" }, { "_cgo_gotypes.go", "-" }, { "_testmain.go", "-" }, { "x.go", "-" },
                     { "evil@v1.0.0", "-" });
}

static void test_trimpath(void **state) {
        (void) state;
        start("runtime/proc.go", "example.com/main/main.go");
        go_program_finish(&program,
                          MAIN_LINES "dep\texample.com/evil\tv1.2.3\ndep\texample.com/old\tv1.0.0\n=>\texample.com/fork\tv1.1.0\n"
                                     "dep\texample.com/local\tv0.1.0\n=>\t./local\t(devel)\n",
                          "module example.com/main\nrequire example.com/evil v1.2.3\n", "/src/proj/go.mod");
        ASSERT_FILES({ "runtime/proc.go", "std" }, { "os/file.go", "std" },
                     { "vendor/golang.org/x/net/dns/dnsmessage/message.go", "std" }, { "example.com/main/main.go", "main" },
                     { "example.com/main/cmd/x/x.go", "main" }, { "command-line-arguments/main.go", "main" },
                     { "./main.go", "unknown" }, { "example.com/evil@v1.2.3/evil.go", "example.com/evil" },
                     { "example.com/evil@v1.2.3/sub/x.go", "example.com/evil" },
                     { "example.com/old@v1.0.0/x.go", "example.com/old" }, { "example.com/local@v0.1.0/x.go", "example.com/local" },
                     { "example.com/main/vendor/example.com/evil/evil.go", "example.com/evil" },
                     { "example.com/main/vendor/golang.org/x/y/z.go", "unknown" }, { "example.com/nobody/x.go", "unknown" },
                     { "<autogenerated>", "-" });
}

static void test_vendor(void **state) {
        (void) state;
        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/cmd/x/main.go");
        go_program_finish(&program, "path\texample.com/main/cmd/x\nmod\texample.com/main\t(devel)\ndep\texample.com/evil\tv1.2.3\n",
                          "module example.com/main\nrequire example.com/evil v1.2.3\n", "/src/proj/go.mod");
        ASSERT_FILES({ "/src/proj/vendor/example.com/evil/evil.go", "example.com/evil" },
                     { "/src/proj/vendor/example.com/evil/sub/x.go", "example.com/evil" },
                     { "/src/proj/vendor/golang.org/x/y/z.go", "unknown" }, { "/src/proj/vendor.go", "main" },
                     { "/src/proj/cmd/x/main.go", "main" }, { "/src/proj/main.go", "main" }, { "/src/projx/main.go", "unknown" },
                     { "/src/main.go", "unknown" });
}

static void test_local_replacements(void **state) {
        (void) state;
        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/main.go");
        go_program_function(&program, "example.com/rel.F", "/src/proj/rel/rel.go");
        go_program_finish(&program,
                          MAIN_LINES "dep\texample.com/rel\tv0.0.0\n=>\t./rel\t(devel)\n"
                                     "dep\texample.com/up\tv0.0.0\n=>\t../up\t(devel)\n"
                                     "dep\texample.com/far\tv0.0.0\n=>\t../../a/./b//../far/\t(devel)\n"
                                     "dep\texample.com/abs\tv0.0.0\n=>\t/opt/abs\t(devel)\n"
                                     "dep\texample.com/deep\tv0.0.0\n=>\t./rel/deep\t(devel)\n",
                          "module example.com/main\n", "/src/proj/go.mod");
        ASSERT_FILES({ "/src/proj/rel/rel.go", "example.com/rel" }, { "/src/proj/rel/sub/x.go", "example.com/rel" },
                     { "/src/proj/rel/deep/x.go", "example.com/deep" }, { "/src/proj/rel/deeper/x.go", "example.com/rel" },
                     { "/src/proj/relx/x.go", "main" }, { "/src/up/x.go", "example.com/up" }, { "/a/far/x.go", "example.com/far" },
                     { "/opt/abs/x.go", "example.com/abs" }, { "/opt/abs/y/x.go", "example.com/abs" },
                     { "/opt/absx/x.go", "unknown" }, { "/opt/x.go", "unknown" });
}

/* The replacement is named by go.mod only: build info lacks it, as in a test binary. */
static void test_replacements_of_go_mod(void **state) {
        (void) state;
        go_program_init(&program, 22);
        go_program_function(&program, "runtime.main", "/usr/lib/go/src/runtime/proc.go");
        go_program_function(&program, "example.com/main/lib.F", "/src/proj/lib/lib.go");
        go_program_finish(&program, "path\texample.com/main/lib.test\nmod\texample.com/main\t(devel)\n",
                          "module example.com/main\nrequire example.com/evil v0.0.0 // gomodjail:confined\n"
                          "replace example.com/evil => ../evil\n",
                          "/src/proj/go.mod");
        ASSERT_FILES({ "/src/proj/lib/lib.go", "main" }, { "/src/evil/evil.go", "example.com/evil" },
                     { "/src/proj/other/x.go", "main" });
        go_program_clear(&program);

        /* Nothing tells the root of the build: the place of go.mod does for the replacement. */
        start("/usr/lib/go/src/runtime/proc.go", NULL);
        go_program_finish(&program, NULL,
                          "module example.com/main\nrequire example.com/evil v0.0.0\nreplace example.com/evil => ./x/../evil\n",
                          "/elsewhere/go.mod");
        ASSERT_FILES({ "/elsewhere/evil/evil.go", "example.com/evil" }, { "/elsewhere/x/evil.go", "unknown" });
}

/* A replacement by a directory above the main module: the longer directory wins. */
static void test_replacement_above_main(void **state) {
        (void) state;
        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/cmd/main.go");
        go_program_finish(&program,
                          "path\texample.com/main\nmod\texample.com/main\t(devel)\ndep\texample.com/up\tv0.0.0\n=>\t..\t(devel)\n",
                          "module example.com/main\nrequire example.com/up v0.0.0 // gomodjail:confined\n", "/src/proj/cmd/go.mod");
        ASSERT_FILES({ "/src/proj/cmd/main.go", "main" }, { "/src/proj/cmd/inlined/only.go", "main" },
                     { "/src/proj/up.go", "example.com/up" });
}

/* '@' in directories of the machine is no version. */
static void test_at_in_directories(void **state) {
        (void) state;
        start("/home/u@corp/go/src/runtime/proc.go", "/home/u@corp/proj/main.go");
        go_program_finish(&program,
                          MAIN_LINES "dep\texample.com/evil\tv0.0.0\n=>\t../evil@work\t(devel)\n"
                                     "dep\texample.com/cached\tv1.0.0\n",
                          "module example.com/main\n", "/home/u@corp/proj/go.mod");
        ASSERT_FILES({ "/home/u@corp/go/src/os/file.go", "std" }, { "/home/u@corp/proj/main.go", "main" },
                     { "/home/u@corp/proj/x/y.go", "main" }, { "/home/u@corp/evil@work/x.go", "example.com/evil" },
                     { "/home/u@corp/go/pkg/mod/example.com/cached@v1.0.0/x.go", "example.com/cached" },
                     { "/home/u@corp/other/x.go", "unknown" });
}

/* A workspace: directories that no list names are known by the symbols of the functions in them. */
static void test_learned_directories(void **state) {
        (void) state;
        start("/usr/lib/go/src/runtime/proc.go", "/src/work/main/main.go");
        go_program_function(&program, "example.com/evil.F", "/src/work/evil/evil.go");
        go_program_function(&program, "example.com/evil.G", "/src/work/evil/evil.go");
        go_program_function(&program, "main.main.F.func1", "/src/work/evil/evil.go"); /* a closure with its host's name */
        go_program_function(&program, "example.com/main/x.F", "/src/work/main/x/x.go");
        go_program_function(&program, "example.com/nested.F", "/src/work/main/nested/n.go");
        go_program_function(&program, "asm", "/src/work/asm/x.s");
        go_program_finish(&program, MAIN_LINES "dep\texample.com/evil\t(devel)\ndep\texample.com/nested\t(devel)\n",
                          "module example.com/main\nrequire example.com/evil v1.0.0 // gomodjail:confined\n",
                          "/src/work/main/go.mod");
        ASSERT_FILES({ "/src/work/evil/evil.go", "example.com/evil" }, { "/src/work/evil/other.go", "example.com/evil" },
                     { "/src/work/evil/sub/x.go", "unknown" }, { "/src/work/main/main.go", "main" },
                     { "/src/work/main/nested/n.go", "example.com/nested" }, { "/src/work/main/inlined/only.go", "main" },
                     { "/src/work/asm/x.s", "unknown" }, { "/src/work/x.go", "unknown" });
}

/* go build main.go: neither a module line nor the package's place. */
static void test_command_line_arguments(void **state) {
        (void) state;
        start("/usr/lib/go/src/runtime/proc.go", "/src/proj/main.go");
        go_program_finish(&program, "path\tcommand-line-arguments\ndep\texample.com/evil\tv0.0.0\n=>\t./evil\t(devel)\n",
                          "module example.com/main\nrequire example.com/evil v0.0.0\n", "/src/proj/go.mod");
        ASSERT_FILES({ "/src/proj/main.go", "main" }, { "/src/proj/evil/x.go", "example.com/evil" });
}

/* A directory of the module cache is never the main module's root, whatever its symbols say. */
static void test_root_is_not_in_the_cache(void **state) {
        (void) state;
        go_program_init(&program, 22);
        go_program_function(&program, "runtime.main", "/usr/lib/go/src/runtime/proc.go");
        go_program_function(&program, "example.com/main/x.F", "/mod/example.com/evil@v1.0.0/x/x.go"); /* renamed by linkname */
        go_program_finish(&program, "path\texample.com/main/lib.test\nmod\texample.com/main\t(devel)\n",
                          "module example.com/main\nrequire example.com/evil v1.0.0\n", "/src/proj/go.mod");
        ASSERT_FILES({ "/mod/example.com/evil@v1.0.0/evil.go", "example.com/evil" },
                     { "/mod/example.com/evil@v1.0.0/x/x.go", "example.com/evil" });
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_teardown(test_module_cache, teardown),
                cmocka_unit_test_teardown(test_fork_that_is_required_too, teardown),
                cmocka_unit_test_teardown(test_goroot, teardown),
                cmocka_unit_test_teardown(test_no_witness, teardown),
                cmocka_unit_test_teardown(test_trimpath, teardown),
                cmocka_unit_test_teardown(test_vendor, teardown),
                cmocka_unit_test_teardown(test_local_replacements, teardown),
                cmocka_unit_test_teardown(test_replacements_of_go_mod, teardown),
                cmocka_unit_test_teardown(test_replacement_above_main, teardown),
                cmocka_unit_test_teardown(test_at_in_directories, teardown),
                cmocka_unit_test_teardown(test_learned_directories, teardown),
                cmocka_unit_test_teardown(test_command_line_arguments, teardown),
                cmocka_unit_test_teardown(test_root_is_not_in_the_cache, teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
