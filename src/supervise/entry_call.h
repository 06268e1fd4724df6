/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one call by which the entry stub of a packed program speaks to a supervisor that is there already: seccomp(2) with an
 * operation that no kernel knows, the initial stack pointer as third argument and the register that the dynamic loader fills for
 * the entry point as fourth. Where jail supervises, the call stops, and never returns: the program is set going at its own entry
 * point, which the stub does not know. Anywhere else it fails and has no effect.
 */
#ifndef SUPERVISE_ENTRY_CALL_H
#define SUPERVISE_ENTRY_CALL_H

#include <errno.h>

#define ENTRY_CALL_OPERATION 0x6a61696c /* "jail" */

/* What the call returns, negated, when the program must not go on. No kernel answers seccomp(2) so. */
#define ENTRY_CALL_OTHER_POLICY EKEYREJECTED /* it is supervised already, for another policy */
#define ENTRY_CALL_REFUSED      ECANCELED    /* the supervisor has said why */

#endif
