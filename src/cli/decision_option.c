/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/decision_option.h"

enum { MAX_ANCESTORS = 10000 };

enum option_result decision_option_parse(const struct command *command, int key, char *value, struct policy_option *policy,
                                         struct jail_supervisor_options *supervisor) {
        switch (key) {
        case OPTION_GO_MOD: policy->go_mod = value; return OPTION_OK;
        case OPTION_MODULE: return policy_option_add(command, policy, "module", value);
        case OPTION_POLICY: return policy_option_add(command, policy, "policy", value);
        case OPTION_PERMISSIVE: supervisor->permissive = true; return OPTION_OK;
        case OPTION_ALLOW_CGI: supervisor->cgi_allow = true; return OPTION_OK;
        case OPTION_ALLOW_OUTER_LISTENER: supervisor->allow_outer_listener = true; return OPTION_OK;
        case OPTION_CHILDREN: return option_choice(command, "children", value, "trust", "deny", &supervisor->deny_children);
        case OPTION_CHILD_ENV: return option_choice(command, "child-env", value, "report", "strict", &supervisor->strict_child_env);
        case OPTION_INCOMPLETE: return option_choice(command, "incomplete", value, "deny", "allow", &supervisor->incomplete_allow);
        case OPTION_C_THREAD: return option_choice(command, "c-thread", value, "deny", "allow", &supervisor->c_thread_allow);
        case OPTION_UNATTRIBUTED:
                return option_choice(command, "unattributed", value, "deny", "allow", &supervisor->unattributed_allow);
        case OPTION_TRUNCATED: return option_choice(command, "truncated", value, "deny", "allow", &supervisor->truncated_allow);
        case OPTION_ANCESTORS: return option_number(command, "ancestors", value, 1, MAX_ANCESTORS, &supervisor->ancestors);
        default: return OPTION_ERROR;
        }
}
