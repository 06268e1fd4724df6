# SPDX-License-Identifier: Apache-2.0
# `cpack` makes a .deb and, unless JAIL_STATIC is off, a .tar.gz with an executable that needs no libraries.

set(CPACK_PACKAGE_NAME jail)
set(CPACK_PACKAGE_VENDOR "The jail authors")
set(CPACK_PACKAGE_CONTACT "The jail authors <jail@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
  "jail runs a Go program so that each module in it may only do what go.mod grants it: a dependency that is marked there may compute,
and whatever it asks of the kernel beyond that fails with EPERM and is reported.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# For those who embed the library.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libelf-dev, libjansson-dev, libmd-dev, pkg-config")
if(JAIL_STATIC)
  list(APPEND CPACK_GENERATOR TGZ)
  set(CPACK_PACKAGE_FILE_NAME jail-${PROJECT_VERSION}-linux-amd64-static)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS OFF)
endif()

include(CPack)
