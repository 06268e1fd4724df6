/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that runs out while an image is opened and its modules are found. */
#include "failing_memory.h"
#include "gobin/go_elf.h"
#include "gobin/go_program.h"
#include "gobin/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct go_program program;
static struct go_elf elf;
static struct tables_blob info_bytes;

static int run_build_info(struct jail_error *err) {
        struct build_info info;
        memset(&info, 0x5a, sizeof(info));
        int r = build_info_parse(&info, (struct bytes){ info_bytes.bytes, info_bytes.len }, err);
        failing_memory_disarm();
        if (r == 0)
                build_info_clear(&info);
        else
                assert_int_equal(*(uint8_t *) &info, 0x5a);
        return r;
}

static int run_image(struct jail_error *err) {
        struct jail_image *image = NULL;
        int fd = go_elf_file(elf.file.bytes, elf.file.len);
        int r = image_open_fd(fd, "prog", &image, err);
        failing_memory_disarm();
        close(fd);
        assert_int_equal(r == 0, image != NULL);
        jail_image_free(image);
        return r;
}

static int run_begin(struct jail_error *err) {
        struct jail_image *image = NULL;
        int fd = go_elf_file(elf.file.bytes, elf.file.len);
        int r = image_begin_fd(fd, "prog", &image, err);
        failing_memory_disarm();
        close(fd);
        jail_image_free(image);
        return r;
}

static int run_module_set(struct jail_error *err) {
        struct module_set *set = NULL;
        int r = module_set_new(&program.image, program.policy, &set, err);
        failing_memory_disarm();
        assert_int_equal(r == 0, set != NULL);
        module_set_free(set);
        return r;
}

/* Directories are learned when they are first asked for. What failed half-way is done anew, and right. */
static int run_by_file(struct jail_error *err) {
        module_id id = 99;
        int r = module_set_by_file(program.set, STR("/elsewhere/evil/x.go"), &id, err);
        failing_memory_disarm();
        if (r < 0)
                assert_int_equal(id, 99);
        else
                assert_int_equal(id, module_set_by_package(program.set, STR("example.com/evil")));
        return r;
}

static void test_learning(void **state) {
        (void) state;
        for (unsigned nth = 1;; nth++) {
                struct jail_error err;
                module_set_free(program.set);
                program.set = NULL;
                assert_int_equal(module_set_new(&program.image, program.policy, &program.set, &err), 0);
                failing_memory_arm(nth);
                int r = run_by_file(&err);
                if (r == 0) {
                        assert_in_range(nth, 4, 100);
                        return;
                }
                assert_int_equal(r, JAIL_ENOMEM);
                assert_int_equal(run_by_file(&err), 0);
        }
}

static void test_each_allocation(void **state) {
        (void) state;
        failing_memory_each("build_info_parse", run_build_info, 2);
        failing_memory_each("image_open_fd", run_image, 5);
        failing_memory_each("image_begin_fd", run_begin, 5);
        failing_memory_each("module_set_new", run_module_set, 6);
}

static int setup(void **state) {
        (void) state;
        static const char modules[] = SAMPLE_MODULES "dep\texample.com/local\tv0.0.0\n=>\t../local\t(devel)\n"
                                                     "dep\texample.com/other\tv0.0.0\n=>\t/opt/other\t(devel)\n";
        go_elf_build_info(&info_bytes, "go1.26.8", modules);
        static struct go_tables tables;
        sample_tables(&tables, 26);
        go_elf_build(&elf, &tables, &(const struct go_elf_options){ .form = GO_ELF_EXE, .modules = modules });

        go_program_init(&program, 26);
        go_program_function(&program, "runtime.main", "/usr/lib/go/src/runtime/proc.go");
        go_program_function(&program, "main.main", "/src/proj/main.go");
        go_program_function(&program, "example.com/evil.F", "/elsewhere/evil/evil.go");
        for (int i = 0; i < 20; i++) {
                static char names[20][32], files[20][32];
                snprintf(names[i], sizeof(names[i]), "example.com/evil/p%d.F", i);
                snprintf(files[i], sizeof(files[i]), "/elsewhere/evil/p%d/x.go", i);
                go_program_function(&program, names[i], files[i]);
        }
        go_program_image(&program, modules, "module example.com/main\nrequire example.com/evil v1.2.3 // gomodjail:confined\n",
                         "/src/proj/go.mod");
        return 0;
}

static int teardown(void **state) {
        (void) state;
        go_program_clear(&program);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_each_allocation),
                cmocka_unit_test(test_learning),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
