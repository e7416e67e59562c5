# SPDX-License-Identifier: GPL-3.0-or-later
# Finds the OpenCV libraries this program uses by themselves. OpenCV's own config file sits in a package
# that pulls every module with it (VTK, dnn, contrib: 177 more packages on Debian 12).
#
# Defines the targets opencv_core, opencv_imgproc, opencv_videoio and OpenCVParts_VERSION.
find_path(OpenCVParts_INCLUDE_DIR opencv2/core/version.hpp PATH_SUFFIXES opencv4)
if(OpenCVParts_INCLUDE_DIR)
  file(STRINGS ${OpenCVParts_INCLUDE_DIR}/opencv2/core/version.hpp _lines
       REGEX "define CV_VERSION_(MAJOR|MINOR|REVISION) ")
  string(REGEX REPLACE ".*MAJOR +([0-9]+).*MINOR +([0-9]+).*REVISION +([0-9]+).*" "\\1.\\2.\\3"
         OpenCVParts_VERSION "${_lines}")
endif()
set(_libraries "")
foreach(_part core imgproc videoio)
  find_library(OpenCVParts_${_part}_LIBRARY opencv_${_part})
  list(APPEND _libraries OpenCVParts_${_part}_LIBRARY)
  mark_as_advanced(OpenCVParts_${_part}_LIBRARY)
endforeach()
mark_as_advanced(OpenCVParts_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVParts
  REQUIRED_VARS ${_libraries} OpenCVParts_INCLUDE_DIR VERSION_VAR OpenCVParts_VERSION)

if(OpenCVParts_FOUND)
  foreach(_part core imgproc videoio)
    if(NOT TARGET opencv_${_part})
      add_library(opencv_${_part} UNKNOWN IMPORTED)
      set_target_properties(opencv_${_part} PROPERTIES IMPORTED_LOCATION ${OpenCVParts_${_part}_LIBRARY})
      target_include_directories(opencv_${_part} SYSTEM INTERFACE ${OpenCVParts_INCLUDE_DIR})
    endif()
  endforeach()
endif()
