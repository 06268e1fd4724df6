# SPDX-License-Identifier: Apache-2.0
# The parts of a start, and of the stop loop's books, that need no process.
function(jail_supervise_unit_test name)
  jail_unit_test(${name} ${name}.c)
  target_link_libraries(${name} PRIVATE jail_supervise)
endfunction()

jail_supervise_unit_test(godebug_test)
jail_supervise_unit_test(handshake_test)
jail_supervise_unit_test(live_memory_test)
jail_supervise_unit_test(placement_test)
jail_supervise_unit_test(program_path_test)
jail_supervise_unit_test(text_map_test)
target_link_libraries(text_map_test PRIVATE jail_dep_seccomp)
jail_supervise_unit_test(task_table_test)
target_link_options(task_table_test PRIVATE -Wl,--wrap=judge_process_free)
jail_supervise_unit_test(wait_event_test)
