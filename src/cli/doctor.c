/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"
#include "cli/message.h"
static struct cli_exit doctor(const struct command *command, int argc, char *argv[]) {
        (void) command, (void) argc, (void) argv;
        return message_fail("doctor: not there yet");
}
const struct command command_doctor = {
        .name = "doctor", .summary = "say whether jail run can work here", .help = "", .run = doctor
};
