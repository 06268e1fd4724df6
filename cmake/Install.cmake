# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where. The library is one static archive that shows nothing but the public names.

set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

install(TARGETS jail RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# libjail.a: both halves linked into one object, so that internal names can be made local and cannot clash with an embedder's.
if(NOT JAIL_SANITIZE)
  set(archive ${PROJECT_BINARY_DIR}/libjail.a)
  set(object ${PROJECT_BINARY_DIR}/libjail.o)
  add_custom_command(OUTPUT ${archive}
    COMMAND ${CMAKE_LINKER} -r -o ${object} --whole-archive $<TARGET_FILE:jail_core> $<TARGET_FILE:jail_supervise>
    COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=jail_* ${object}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND ${CMAKE_AR} rcsD ${archive} ${object}
    DEPENDS jail_core jail_supervise
    VERBATIM)
  add_custom_target(jail_archive ALL DEPENDS ${archive})
  install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR})

  # The file finds its prefix from where it lies, so an installation can be moved.
  file(RELATIVE_PATH JAIL_PC_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/jail.pc.in ${PROJECT_BINARY_DIR}/jail.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/jail.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/jail DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_BINARY_DIR}/include/jail/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jail)

install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN demo/run EXCLUDE)
install(PROGRAMS ${PROJECT_SOURCE_DIR}/examples/demo/run DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/demo)

# The manual pages are written in scdoc; without it there are none.
find_program(JAIL_SCDOC scdoc)
mark_as_advanced(JAIL_SCDOC)
set(pages "")
foreach(page jail.1)
  if(EXISTS ${PROJECT_SOURCE_DIR}/docs/man/${page}.scd)
    list(APPEND pages ${page})
  endif()
endforeach()
if(pages AND NOT JAIL_SCDOC)
  message(STATUS "scdoc is missing: no manual pages (apt-get install scdoc)")
elseif(pages)
  set(made "")
  foreach(page ${pages})
    set(source ${PROJECT_SOURCE_DIR}/docs/man/${page}.scd)
    set(target ${PROJECT_BINARY_DIR}/man/${page})
    string(REGEX MATCH "[0-9]$" section ${page})
    add_custom_command(OUTPUT ${target}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
      COMMAND sh -c "exec \"$1\" <\"$2\" >\"$3\"" sh ${JAIL_SCDOC} ${source} ${target}
      DEPENDS ${source}
      VERBATIM)
    list(APPEND made ${target})
    install(FILES ${target} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
  endforeach()
  add_custom_target(jail_man ALL DEPENDS ${made})
endif()
