/* SPDX-License-Identifier: Apache-2.0 */
/* What is packed into programs, as it was built with this jail. */
#ifndef PACK_PARTS_H
#define PACK_PARTS_H

#include "base/bytes.h"

/* The entry stub (stub.h), its parameters not filled in yet. Static. */
struct bytes parts_stub(void);

/* The supervisor: a static executable. Static. */
struct bytes parts_supervisor(void);

#endif
