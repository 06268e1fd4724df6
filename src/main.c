/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"
#include "cli/cli.h"

#include <signal.h>
#include <sys/prctl.h>

/* Ends as the program did that jail stood in front of; the core, if any, was the program's to dump. Returns if that is impossible.
 */
static void die_by_signal(int signal) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, signal);
        prctl(PR_SET_DUMPABLE, 0);
        sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        raise(signal);
}

int main(int argc, char *argv[]) {
        heap_take_large_from_kernel();
        struct cli_exit exit = cli_main(argc, argv);
        if (exit.signal != 0)
                die_by_signal(exit.signal);
        return exit.code;
}
