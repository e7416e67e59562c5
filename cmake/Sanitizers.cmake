# SPDX-License-Identifier: GPL-3.0-or-later
if(DIPTYCH_SANITIZE)
  add_compile_options(-fsanitize=${DIPTYCH_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${DIPTYCH_SANITIZE})
  if(DIPTYCH_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
