# SPDX-License-Identifier: GPL-3.0-or-later
# diptych_module(text DEPENDS base LIBS PkgConfig::utf8proc)
#   One static library diptych_<name> for the folder that calls it, from every .cpp in it.
#   DEPENDS      modules it may include; nothing else (tests/architecture holds it to that).
#   PRIVATE_DEPENDS modules it may include in its .cpp files, not in its headers.
#   LIBS         third-party libraries whose headers our own public headers show.
#   PRIVATE_LIBS third-party libraries that stay in the folder.
#   SUBFOLDERS   take the sources one folder down as well.
#   WITH         take the sources of these folders below as well.
set_property(GLOBAL PROPERTY DIPTYCH_MODULES "")
function(diptych_module name)
  cmake_parse_arguments(arg "SUBFOLDERS" "" "DEPENDS;PRIVATE_DEPENDS;LIBS;PRIVATE_LIBS;WITH" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  if(arg_SUBFOLDERS)
    file(GLOB deeper CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/*/*.h)
    list(APPEND sources ${deeper})
  endif()
  foreach(below ${arg_WITH})
    file(GLOB deeper CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${below}/*.cpp ${CMAKE_CURRENT_SOURCE_DIR}/${below}/*.h)
    list(APPEND sources ${deeper})
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_library(diptych_${name} STATIC ${sources})
  target_include_directories(diptych_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  set_target_properties(diptych_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON LINKER_LANGUAGE CXX)
  foreach(dep ${arg_DEPENDS})
    target_link_libraries(diptych_${name} PUBLIC $<TARGET_NAME_IF_EXISTS:diptych_${dep}>)
  endforeach()
  foreach(dep ${arg_PRIVATE_DEPENDS})
    target_link_libraries(diptych_${name} PRIVATE diptych_${dep})
  endforeach()
  target_link_libraries(diptych_${name} PUBLIC ${arg_LIBS} PRIVATE ${arg_PRIVATE_LIBS} diptych_warnings)
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  list(JOIN arg_DEPENDS " " deps)
  list(JOIN arg_PRIVATE_DEPENDS " " private_deps)
  set_property(GLOBAL APPEND PROPERTY DIPTYCH_MODULES "${name}|${folder}|${deps} ${private_deps}")
endfunction()

# diptych_ui_module(jobs DEPENDS session)
#   The same for a folder of ui/: library diptych_ui_<name> with Qt Widgets, moc, the strict defines and the
#   shared precompiled header. A ui module is named with its prefix: DEPENDS ui_theme.
function(diptych_ui_module name)
  diptych_module(ui_${name} ${ARGN})
  if(TARGET diptych_ui_${name})
    target_link_libraries(diptych_ui_${name} PUBLIC diptych_ui_flags)
    target_precompile_headers(diptych_ui_${name} REUSE_FROM diptych_ui_pch)
    set_target_properties(diptych_ui_${name} PROPERTIES AUTOMOC ON)
  endif()
endfunction()
