/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka with what it needs before it. */
#ifndef UNIT_REPORT_UNIT_H
#define UNIT_REPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#endif
