/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/message.h"
#include "cli/pack_options.h"
#include "cli/pack_show.h"
#include "gobin/packed.h"
#include "pack/new_file.h"
#include "pack/packer.h"
#include "supervise/judge.h"

#include <errno.h>
#include <jail/image.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_NAMED_MODULES = 4 };

static void cleanup_judge(struct judge **judge) {
        judge_free(*judge);
}

/* What `jail run` would say of it, and whether there is anything to confine. */
static int check_program(const struct pack_options *options, const struct jail_policy *policy, struct jail_error *err) {
        CLEANUP(cleanup_judge) struct judge *judge = NULL;
        bool confines = false;
        int r = judge_new(&options->supervisor, policy, &judge, err);
        if (r == 0)
                r = judge_check_first(judge, options->program, &confines, err);
        if (r == 0 && !confines && !options->force)
                return jail_error_set(err, JAIL_EINVAL, 0,
                                      "%s confines no module of %s: there is nothing to pack (--force does it "
                                      "all the same)",
                                      jail_policy_file(policy), options->program);
        return r;
}

static int check_not_packed(const struct elf_file *file, const char *program, struct jail_error *err) {
        struct packed packed;
        bool is_packed = false;
        struct jail_error why = { 0 };
        if (packed_find(file, &is_packed, &packed, &why) < 0)
                return jail_error_set(err, why.code, 0, "%s is packed already, and %s", program, why.msg);
        return is_packed
                       ? jail_error_set(err, JAIL_EINVAL, 0, "%s is packed already (jail unpack gives the original back)", program)
                       : 0;
}

/* OUT must not be the input by whatever name. */
static int check_output(const struct elf_file *file, const char *output, struct jail_error *err) {
        struct stat st;
        if (stat(output, &st) < 0)
                return errno == ENOENT ? 0 : jail_error_set(err, JAIL_ESYS, errno, "%s", output);
        if (st.st_dev == file->device && st.st_ino == file->inode)
                return jail_error_set(err, JAIL_EINVAL, 0, "%s is the program itself: -o must name another file", output);
        return 0;
}

/* "prog.jail: confines example.com/evil v1.2.3 and 2 more of 9 modules" */
static int describe(const struct pack_options *options, const struct jail_policy *policy, const char *output, struct text *text,
                    struct jail_error *err) {
        struct jail_image *image = NULL;
        CLEANUP_FREE struct jail_image_link *links = NULL;
        size_t n = 0, n_linked = 0, n_confined = 0;
        int r = jail_image_open(options->program, &image, err);
        if (r == 0)
                r = jail_image_links(image, policy, &links, &n, err);
        text_add_escaped(text, str_from(output));
        text_add(text, STR(": confines"));
        for (size_t i = 0; r == 0 && i < n; i++) {
                n_linked += links[i].linked;
                if (!links[i].linked || !links[i].policy || !links[i].policy->confined || n_confined++ >= MAX_NAMED_MODULES)
                        continue;
                text_add(text, n_confined > 1 ? STR(", ") : STR(" "));
                text_add_escaped(text, str_from(links[i].path));
                if (links[i].version[0]) {
                        text_add(text, STR(" "));
                        text_add_escaped(text, str_from(links[i].version));
                }
        }
        if (n_confined == 0)
                text_add(text, STR(" nothing"));
        else if (n_confined > MAX_NAMED_MODULES)
                text_printf(text, " and %zu more", n_confined - MAX_NAMED_MODULES);
        text_printf(text, ", of %zu %s in it\n", n_linked, n_linked == 1 ? "module" : "modules");
        jail_image_free(image);
        return r;
}

static int pack_file(const struct pack_options *options, const struct jail_policy *policy, const struct elf_file *file,
                     const char *output, struct jail_error *err) {
        CLEANUP_FREE uint8_t *bytes = NULL;
        size_t len = 0;
        struct stat st;
        struct jail_error why = { 0 };
        int r = check_not_packed(file, options->program, err);
        if (r == 0)
                r = check_output(file, output, err);
        if (r == 0)
                r = check_program(options, policy, err);
        if (r == 0 && stat(options->program, &st) < 0)
                r = jail_error_set(err, JAIL_ESYS, errno, "%s", options->program);
        if (r < 0)
                return r;
        r = packer_pack(file->bytes, policy, &options->supervisor, &bytes, &len, &why);
        if (r < 0)
                return jail_error_set(err, why.code, 0, "%s: %s", options->program, why.msg);
        return new_file_write(output, st.st_mode, (struct bytes){ bytes, len }, err);
}

static struct cli_exit make(const struct pack_options *options) {
        struct jail_error err = { 0 };
        struct jail_policy *policy = NULL;
        struct elf_file file = { 0 };
        struct str go_mod = { NULL, 0 };
        CLEANUP_FREE char *named = NULL;
        char buffer[4096];
        struct text line;
        text_init(&line, buffer, sizeof(buffer));
        const char *output = options->output;
        if (!output && asprintf(&named, "%s.jail", options->program) >= 0)
                output = named;

        int r = output ? 0 : jail_error_set(&err, JAIL_ENOMEM, 0, "out of memory");
        if (r == 0)
                r = policy_option_load(&options->policy, &policy, &go_mod, &err);
        if (r == 0)
                r = elf_file_open(&file, options->program, &err);
        if (r == 0)
                r = pack_file(options, policy, &file, output, &err);
        if (r == 0)
                r = describe(options, policy, output, &line, &err);
        free((void *) go_mod.ptr);
        elf_file_close(&file);
        jail_policy_free(policy);
        return r == 0 ? message_stdout(line.ptr) : message_fail("pack: %s", err.msg);
}

static struct cli_exit pack(const struct command *command, int argc, char *argv[]) {
        struct pack_options options;
        struct cli_exit exit = { .code = JAIL_EXIT_FAILURE };
        switch (pack_options_parse(command, argc, argv, &options)) {
        case OPTION_OK:
                switch (options.action) {
                case PACK_MAKE: exit = make(&options); break;
                case PACK_SHOW: exit = pack_show(options.program); break;
                case PACK_VERIFY: exit = pack_verify(options.program); break;
                }
                break;
        case OPTION_SHOW_HELP: exit = message_stdout(command->help); break;
        case OPTION_ERROR:
        default: break;
        }
        pack_options_clear(&options);
        return exit;
}

static const char help[] = "Usage: jail pack [OPTION]... PROG\n"
                           "       jail pack --show|--verify FILE\n"
                           "\n"
                           "Makes one file of the Go program PROG and of the policy of its go.mod: the same\n"
                           "program, that supervises itself wherever it runs, with no jail installed.\n"
                           "\n"
                           "  -o, --output=OUT       the file to make; otherwise PROG.jail\n"
                           "      --go-mod=FILE, --module=MODULE=confined|unconfined\n"
                           "                         the policy, as for jail run (--policy is the same)\n"
                           "      --show             print what is packed in FILE: policy, options, hashes\n"
                           "      --verify           check that FILE is as it was packed\n"
                           "      --force            although the policy confines nothing in PROG, or with\n"
                           "                         options that allow more\n"
                           "  -h, --help             show this\n"
                           "\n"
                           "For every run of OUT, as for jail run:\n"
                           "      --children=trust|deny, --child-env=report|strict, --ancestors=N;\n"
                           "      with --force also --permissive, --incomplete=allow, --c-thread=allow,\n"
                           "      --unattributed=allow, --truncated=allow, --allow-cgi and\n"
                           "      --allow-outer-listener\n"
                           "\n"
                           "OUT reads JAIL_FLAGS (-v, -q, --stats, --color[=WHEN]) and JAIL_REPORT (a file\n"
                           "name) from its environment, once, when it is started unsupervised.\n"
                           "\n"
                           "Exit status: 0, or 125.\n";

const struct command command_pack = {
        .name = "pack",
        .summary = "make a program that supervises itself",
        .help = help,
        .run = pack,
};
