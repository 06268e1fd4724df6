# SPDX-License-Identifier: Apache-2.0
# The libraries of Debian 12; what is missing is named with the package that has it.

find_program(JAIL_PKG_CONFIG NAMES pkg-config pkgconf)
if(NOT JAIL_PKG_CONFIG)
  message(FATAL_ERROR "pkg-config is missing: apt-get install pkg-config")
endif()
find_package(PkgConfig REQUIRED)

set(JAIL_MISSING "")

# jail_find(NAME MODULE HEADER PACKAGE): makes the target jail_dep_NAME, or adds PACKAGE to what is missing.
function(jail_find name module header package)
  pkg_check_modules(JAIL_${name} QUIET ${module})
  find_path(JAIL_${name}_HEADER ${header} HINTS ${JAIL_${name}_INCLUDE_DIRS})
  if(NOT JAIL_${name}_FOUND OR NOT JAIL_${name}_HEADER)
    set(JAIL_MISSING "${JAIL_MISSING} ${package}" PARENT_SCOPE)
    return()
  endif()
  add_library(jail_dep_${name} INTERFACE)
  target_include_directories(jail_dep_${name} SYSTEM INTERFACE ${JAIL_${name}_INCLUDE_DIRS})
  if(JAIL_STATIC)
    target_link_libraries(jail_dep_${name} INTERFACE ${JAIL_${name}_STATIC_LIBRARIES})
  else()
    target_link_libraries(jail_dep_${name} INTERFACE ${JAIL_${name}_LIBRARIES})
  endif()
endfunction()

jail_find(seccomp libseccomp seccomp.h libseccomp-dev)
jail_find(elf libelf libelf.h libelf-dev)
jail_find(jansson jansson jansson.h libjansson-dev)
jail_find(md libmd sha2.h libmd-dev)
find_path(JAIL_UTHASH_HEADER uthash.h)
if(NOT JAIL_UTHASH_HEADER)
  string(APPEND JAIL_MISSING " uthash-dev")
endif()
if(JAIL_TESTS)
  jail_find(cmocka cmocka cmocka.h libcmocka-dev)
endif()

if(JAIL_MISSING)
  message(FATAL_ERROR "libraries are missing: apt-get install${JAIL_MISSING}")
endif()
