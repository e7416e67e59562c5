# SPDX-License-Identifier: GPL-3.0-or-later
# ccache where present; sloppiness is what it needs to accept precompiled headers.
find_program(DIPTYCH_CCACHE ccache)
if(DIPTYCH_CCACHE)
  set(launcher ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${DIPTYCH_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
