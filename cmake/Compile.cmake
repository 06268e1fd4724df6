# SPDX-License-Identifier: Apache-2.0
# jail_compile: how everything is compiled; every target links it. jail_compile_plain: the same, never with sanitizers.

add_library(jail_compile_plain INTERFACE)
target_compile_features(jail_compile_plain INTERFACE c_std_11)
target_compile_definitions(jail_compile_plain INTERFACE _GNU_SOURCE)
target_include_directories(jail_compile_plain INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
  $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>)
target_compile_options(jail_compile_plain INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-align -Wwrite-strings -Wvla
  -Wimplicit-fallthrough -Wswitch-enum -Wundef -Wformat=2 -fno-strict-aliasing -fno-common
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
if(JAIL_WERROR)
  target_compile_options(jail_compile_plain INTERFACE -Werror)
endif()
add_library(jail_compile INTERFACE)
target_link_libraries(jail_compile INTERFACE jail_compile_plain)
if(JAIL_SANITIZE)
  target_compile_options(jail_compile INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
    -ftrivial-auto-var-init=pattern) # what is read uninitialised leads nowhere
  target_link_options(jail_compile INTERFACE -fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(jail_compile_plain INTERFACE
    -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fcf-protection)
  target_link_options(jail_compile_plain INTERFACE -Wl,-z,relro,-z,now)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# jail_static_pie: what executables without shared libraries link. Their relocations are all of one kind, and packed take a fiftieth of
# the room (GNU ld from 2.38 on, and a C library that reads them).
add_library(jail_static_pie INTERFACE)
target_link_options(jail_static_pie INTERFACE -static-pie)
include(CheckCSourceRuns)
set(CMAKE_REQUIRED_FLAGS -fPIE)
set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie -Wl,-z,pack-relative-relocs)
check_c_source_runs("static int one; int *const address = &one; int main(void) { return *address; }" JAIL_PACKS_RELOCATIONS)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
if(JAIL_PACKS_RELOCATIONS)
  target_link_options(jail_static_pie INTERFACE -Wl,-z,pack-relative-relocs)
endif()
configure_file(${PROJECT_SOURCE_DIR}/include/jail/version.h.in ${PROJECT_BINARY_DIR}/include/jail/version.h @ONLY)
