#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sanitize.sh BUILD: the unit tests of the sanitized build, which tests/run makes beside the ordinary one.
set -euo pipefail
if [ ! -e "$1/CTestTestfile.cmake" ]; then
  echo "SKIP: there is no sanitized build in $1 (tests/run makes it)"
  exit 77
fi
exec ctest --test-dir "$1" -L unit --output-on-failure --no-tests=error
