# SPDX-License-Identifier: GPL-3.0-or-later
add_library(diptych_warnings INTERFACE)
target_compile_options(diptych_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wno-restrict>) # GCC 12 bug 105651: false positives on std::string operator+
if(DIPTYCH_WERROR)
  target_compile_options(diptych_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
endif()
