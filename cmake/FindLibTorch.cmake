# SPDX-License-Identifier: GPL-3.0-or-later
# Finds LibTorch without a CUDA toolkit: the wheel from PyPI unpacked in .deps/libtorch, or any other
# LibTorch on CMAKE_PREFIX_PATH or in LIBTORCH_DIR (the folder that holds include/ and lib/).
# Only libtorch_cpu and libc10 are linked; CUDA is loaded at run time where a driver is present.
#
# Defines the target LibTorch::LibTorch, LibTorch_VERSION, LibTorch_LIBRARY_DIR.
set(_libtorch_hints ${LIBTORCH_DIR} $ENV{LIBTORCH_DIR} ${CMAKE_SOURCE_DIR}/.deps/libtorch/torch)
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h
  HINTS ${_libtorch_hints} PATH_SUFFIXES include NO_CMAKE_SYSTEM_PATH)
find_library(LibTorch_torch_cpu_LIBRARY torch_cpu
  HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_CMAKE_SYSTEM_PATH)
find_library(LibTorch_c10_LIBRARY c10
  HINTS ${_libtorch_hints} PATH_SUFFIXES lib NO_CMAKE_SYSTEM_PATH)

if(LibTorch_INCLUDE_DIR)
  foreach(_header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(NOT LibTorch_VERSION AND EXISTS ${LibTorch_INCLUDE_DIR}/${_header})
      file(STRINGS ${LibTorch_INCLUDE_DIR}/${_header} _lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
      string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3" LibTorch_VERSION "${_lines}")
    endif()
  endforeach()
endif()
if(LibTorch_torch_cpu_LIBRARY)
  get_filename_component(LibTorch_LIBRARY_DIR ${LibTorch_torch_cpu_LIBRARY} DIRECTORY)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Run 'packaging/dev build' once (it fetches the pinned wheel into .deps/libtorch), or give another LibTorch by -DCMAKE_PREFIX_PATH=DIR.")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  file(GLOB _libtorch_cuda_dirs ${LibTorch_LIBRARY_DIR}/../../nvidia/*/lib)
  add_library(LibTorch::LibTorch INTERFACE IMPORTED)
  target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
    ${LibTorch_INCLUDE_DIR} ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include)
  # The wheel brings headers of {fmt} that hide the system's, in another version than the system's library.
  target_compile_definitions(LibTorch::LibTorch INTERFACE FMT_HEADER_ONLY)
  # The wheel's CPU library needs two small CUDA libraries that lie beside it.
  set(_libtorch_rpath_link "")
  foreach(_dir ${_libtorch_cuda_dirs})
    list(APPEND _libtorch_rpath_link "-Wl,-rpath-link,${_dir}")
  endforeach()
  target_link_libraries(LibTorch::LibTorch INTERFACE
    ${LibTorch_torch_cpu_LIBRARY} ${LibTorch_c10_LIBRARY})
  target_link_options(LibTorch::LibTorch INTERFACE ${_libtorch_rpath_link} -Wl,-rpath,${LibTorch_LIBRARY_DIR})
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY)
