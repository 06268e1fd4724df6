/* SPDX-License-Identifier: Apache-2.0 */
/* The whole public API. */
#ifndef JAIL_JAIL_H
#define JAIL_JAIL_H

#include <jail/class.h>
#include <jail/error.h>
#include <jail/event.h>
#include <jail/image.h>
#include <jail/policy.h>
#include <jail/supervisor.h>

#endif
