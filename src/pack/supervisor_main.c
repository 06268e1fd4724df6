/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor inside packed programs. The entry stub starts it with a descriptor, the socket to the stub, and says where
 * .jail.policy is: in memory, by address and length, where it has loaded it; or at the end of a file, by descriptor, from which it
 * was executed.
 */
#include "base/cleanup.h"
#include "base/heap.h"
#include "base/text.h"
#include "gobin/packed.h"
#include "pack/start_environment.h"
#include "report/relaxed.h"
#include "report/report.h"
#include "report/report_file.h"
#include "supervise/handshake.h"
#include "supervise/judge.h"
#include "supervise/listener_probe.h"
#include "supervise/packed_policy.h"
#include "supervise/supervisor_process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

struct start {
        struct start_environment environment;
        struct packed packed;
        struct jail_policy *policy;
        struct report *report;
        struct jail_supervisor_options options;
        struct judge *judge;
        char relaxed[256];
};

/* What the stub has said. */
struct beginning {
        int handshake_fd;
        int packed_fd;       /* or -1: */
        struct bytes policy; /* .jail.policy, in memory */
};

/* What is packed stays mapped for good: the policy and the other parts are read from it. */
static int read_packed(const struct beginning *beginning, struct packed *ret_packed, struct jail_error *err) {
        struct stat st;
        int fd = beginning->packed_fd;
        if (fd < 0)
                return packed_parse(beginning->policy, ret_packed, err);
        struct bytes supervisor;
        if (fstat(fd, &st) < 0)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot read what jail packed");
        void *map = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
                return jail_error_set(err, JAIL_ESYS, errno, "cannot read what jail packed");
        close(fd);
        return packed_parse_end((struct bytes){ map, (size_t) st.st_size }, ret_packed, &supervisor, err);
}

static int check_listener(const struct jail_supervisor_options *options, struct jail_error *err) {
        return options->allow_outer_listener ? 0 : listener_refuse("jail pack --allow-outer-listener", err);
}

static int open_report(struct start *start, struct jail_error *err) {
        struct jail_error why = { 0 };
        struct text relaxed;
        if (start->environment.report && report_file_open(start->environment.report, &start->options.report_fd, &why) < 0)
                return jail_error_set(err, why.code, 0, "JAIL_REPORT=%s", why.msg);
        text_init(&relaxed, start->relaxed, sizeof(start->relaxed));
        relaxed_add(&relaxed, &start->options);
        const struct report_options options = {
                .text_fd = fcntl(STDERR_FILENO, F_GETFD) < 0 ? -1 : STDERR_FILENO,
                .json_fd = start->options.report_fd,
                .json_name = start->environment.report,
                .style = style_choose(start->environment.color),
                .quiet = start->environment.quiet,
                .verbose = start->environment.verbose,
                .permissive = start->options.permissive,
                .relaxed = start->relaxed,
                .policy = start->policy,
        };
        int r = report_new(&options, &start->report, err);
        start->options.on_event = report_event;
        start->options.on_event_data = start->report;
        start->options.tell_trusted = report_tells_trusted(&options);
        return r;
}

static int prepare(struct start *start, const struct beginning *beginning, struct jail_error *err) {
        start->options.report_fd = -1;
        int r = read_packed(beginning, &start->packed, err);
        if (r == 0)
                r = start_environment_read(&start->environment, err);
        if (r < 0)
                return r;
        const struct bytes *policy = &start->packed.parts[PACKED_POLICY];
        packed_policy_apply(&start->packed, &start->options);
        start->options.stats = start->environment.stats;
        r = check_listener(&start->options, err);
        if (r == 0)
                r = jail_policy_decode(policy->ptr, policy->len, &start->policy, err);
        if (r == 0)
                r = open_report(start, err);
        if (r == 0)
                r = judge_new(&start->options, start->policy, &start->judge, err);
        return r;
}

static bool parse_number(const char *word, uint64_t *ret_number) {
        char *end = NULL;
        errno = 0;
        *ret_number = strtoull(word, &end, 10);
        return errno == 0 && end != word && *end == '\0';
}

/* The number of an open descriptor, or -1. */
static int parse_fd(const char *word) {
        uint64_t fd;
        return parse_number(word, &fd) && fd > STDERR_FILENO && fd <= INT32_MAX ? (int) fd : -1;
}

static bool parse_arguments(int argc, char *argv[], struct beginning *beginning) {
        uint64_t address = 0, len = 0;
        if (argc != 3 && argc != 4)
                return false;
        beginning->handshake_fd = parse_fd(argv[1]);
        beginning->packed_fd = argc == 3 ? parse_fd(argv[2]) : -1;
        if (argc == 4 && (!parse_number(argv[2], &address) || !parse_number(argv[3], &len)))
                return false;
        beginning->policy = (struct bytes){ (const uint8_t *) (uintptr_t) address, (size_t) len };
        return beginning->handshake_fd >= 0 && (beginning->packed_fd >= 0 || address != 0);
}

int main(int argc, char *argv[]) {
        static struct start start;
        struct beginning beginning;
        struct jail_error err = { 0 };
        heap_take_large_from_kernel();
        if (!parse_arguments(argc, argv, &beginning)) {
                fputs("jail: this is the supervisor inside packed programs, which they start themselves\n", stderr);
                return JAIL_EXIT_FAILURE;
        }
        prctl(PR_SET_NAME, "jail", 0, 0, 0); /* it would be named after the program, or after the descriptor it was executed from */
        if (prepare(&start, &beginning, &err) < 0) {
                handshake_send_failure(beginning.handshake_fd, &err);
                return JAIL_EXIT_FAILURE;
        }
        const struct launch_plan plan = { .options = &start.options, .judge = start.judge, .packed = &start.packed };
        supervisor_process_run(&plan, beginning.handshake_fd, NULL, -1);
}
