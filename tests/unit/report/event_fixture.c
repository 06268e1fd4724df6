/* SPDX-License-Identifier: Apache-2.0 */
#include "report/event_fixture.h"

#include "report/unit.h"

const char event_fixture_go_mod[] = "module example.com/app\n"
                                    "\n"
                                    "go 1.21\n"
                                    "\n"
                                    "require (\n"
                                    "\n"
                                    "\texample.com/evil v1.2.3 // gomodjail:confined\n"
                                    "\texample.com/lib v0.4.0 // indirect; gomodjail:confined\n"
                                    "\texample.com/callbacks v1.0.0 // gomodjail:confined jail:callbacks\n"
                                    ")\n"
                                    "\n"
                                    "require example.com/single v0.1.0 // gomodjail:confined\n"
                                    "\n"
                                    "// gomodjail:confined\n"
                                    "require example.com/above v0.1.0\n";

struct jail_policy *event_fixture_policy(const struct jail_policy_override *overrides, size_t n_overrides) {
        struct jail_policy *policy = NULL;
        struct jail_error err = { 0 };
        if (jail_policy_parse(event_fixture_go_mod, strlen(event_fixture_go_mod), "go.mod", overrides, n_overrides, &policy, &err) <
            0)
                fail_msg("%s", err.msg);
        return policy;
}

struct jail_event_frame event_fixture_frame(const char *function, const char *file, const char *module) {
        return (struct jail_event_frame){
                .pc = 0x401000, .function = function, .file = file, .line = 14, .module = module, .file_module = ""
        };
}

struct jail_event event_fixture_denied(void) {
        static struct jail_event_frame frames[5];
        frames[0] = event_fixture_frame("syscall.openat", "/usr/local/go/src/syscall/zsyscall_linux_amd64.go", "std");
        frames[1] = event_fixture_frame("os.ReadFile", "/usr/local/go/src/os/file.go", "std");
        frames[2] = event_fixture_frame("example.com/evil.steal", "/root/go/pkg/mod/example.com/evil@v1.2.3/evil.go",
                                        "example.com/evil");
        frames[2].inlined = true;
        frames[3] =
                event_fixture_frame("example.com/evil.Add", "/root/go/pkg/mod/example.com/evil@v1.2.3/evil.go", "example.com/evil");
        frames[3].line = 20;
        frames[4] = event_fixture_frame("main.main", "/src/app/main.go", "example.com/app");
        return (struct jail_event){
                .kind = JAIL_EVENT_DENIED,
                .time_ns = UINT64_C(1767323045678901234),
                .pid = 100,
                .tid = 101,
                .image = "/src/app/prog",
                .known = "",
                .reason = JAIL_REASON_CONFINED,
                .cls = JAIL_CLASS_FS_READ,
                .syscall = "openat",
                .call = "openat(\"/root/.ssh/id_rsa\", O_RDONLY)",
                .target = "/root/.ssh/id_rsa",
                .module = "example.com/evil",
                .version = "v1.2.3",
                .policy_file = "go.mod",
                .policy_line = 7,
                .frames = frames,
                .n_frames = 5,
                .blamed_frame = 2,
                .detail = "",
        };
}
