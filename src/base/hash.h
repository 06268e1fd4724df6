/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uthash, told not to end the process when memory runs out: an element that HASH_ADD could not add has hh.tbl NULL afterwards.
 * Every user includes this header, never <uthash.h> itself.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#define HASH_NONFATAL_OOM            1
#define uthash_nonfatal_oom(element) ((element)->hh.tbl = NULL, (void) 0)
#include <uthash.h>

#endif
