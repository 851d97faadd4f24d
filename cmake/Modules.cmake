# Warnings for our own targets; never exported to users of the libraries.
function(ecloud_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                         -Woverloaded-virtual -Wno-missing-field-initializers)
  # g++ 12 warns of its own std::string at -O3 (GCC bugs 105329 and 105651).
  target_compile_options(${target} PRIVATE
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>)
  if(ECLOUD_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# ecloud_module(NAME DEPENDS module… LIBRARIES target… PRECOMPILE header…): the static library
# ecloud_NAME from src/NAME, without its main.cc. PRECOMPILE names headers of the project that nearly
# every source of the module includes.
function(ecloud_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LIBRARIES;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cc)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.cc)
  endif()
  add_library(ecloud_${name} STATIC ${sources})
  target_include_directories(ecloud_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                             ${PROJECT_BINARY_DIR}/generated PRIVATE ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM ARG_DEPENDS PREPEND ecloud_)
  target_link_libraries(ecloud_${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_LIBRARIES})
  ecloud_warnings(ecloud_${name})
  list(TRANSFORM ARG_PRECOMPILE PREPEND ${PROJECT_SOURCE_DIR}/)
  target_precompile_headers(ecloud_${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.h
                            ${ARG_PRECOMPILE})
endfunction()
