/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NATIVE_H
#define NATIVE_H

enum { BY_EXECVE, BY_SPAWN, BY_SYSTEM, BY_VFORK, BY_CLONE3, BY_FORK };

void steal(void);
void arrive(const char *address);
void run(int how);
void in_thread(int calls_go);
void exit_with_handler(void);
void leave(void);
void load(const char *library);
void without_storage(void);
void remember_main(void);
void with_storage_of_main(void);
void install_handler(void);
void steal_in_go(void);

#endif
