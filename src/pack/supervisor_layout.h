/* SPDX-License-Identifier: Apache-2.0 */
/* How the supervisor of packed programs is to be loaded. */
#ifndef PACK_SUPERVISOR_LAYOUT_H
#define PACK_SUPERVISOR_LAYOUT_H

#include "base/bytes.h"
#include "pack/stub.h"

#include <jail/error.h>

/*
 * Reads the program headers of a static, position-independent executable, and makes sure that its pages can be moved to where they
 * belong: stub.h says what a segment must be like, and the last page of the bytes, which others may follow, must belong to none
 * that moves. Errors: JAIL_EUNSUPPORTED (it is not so: why), JAIL_EFORMAT (its headers are damaged).
 */
int supervisor_layout_read(struct bytes supervisor, struct stub_image *ret_image, struct jail_error *err) JAIL_MUST_USE;

#endif
