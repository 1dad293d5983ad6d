# stardrop_module(): one library per folder. stardrop_program(): an executable on top of modules.

# stardrop_module(<folder> [DEPENDS module…] [LIBS target…] [PCH header…] [UNITY n])
#
# Makes the library `stardrop_<folder>` (alias `stardrop::<folder>`) of every *.cpp below the current
# folder, main.cpp excepted. A folder without sources becomes a header-only library, so a module can
# be named before it has a body. Adding or removing a file needs no change here.
#
#   DEPENDS  modules whose headers this one may include; scripts/tidy.py checks every #include against it
#   LIBS     third-party targets
#   PCH      headers to precompile, for modules on heavy third-party templates
#   UNITY    how many sources are compiled as one where STARDROP_UNITY is on; names in anonymous namespaces are
#            then to be different within the module
function(stardrop_module folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "UNITY" "DEPENDS;LIBS;PCH")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stardrop_module(${folder}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.h")
  list(REMOVE_ITEM sources "${CMAKE_CURRENT_SOURCE_DIR}/main.cpp")
  list(TRANSFORM arg_DEPENDS PREPEND "stardrop::")

  set(target stardrop_${folder})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    if(STARDROP_UNITY AND arg_UNITY)
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${arg_UNITY})
    endif()
    if(arg_PCH)
      target_precompile_headers(${target} PRIVATE ${arg_PCH})
      stardrop_make_pch_cacheable(${target})
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(stardrop::${folder} ALIAS ${target})
  if(headers)
    target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES ${headers})
  endif()
  target_link_libraries(${target} ${scope} stardrop_options ${arg_DEPENDS} ${arg_LIBS})
endfunction()

# stardrop_program(<name> SOURCES file… [DEPENDS module…] [LIBS target…])
#
# Makes an executable. Sources that do not exist yet make it a no-op, so that the project configures.
function(stardrop_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;LIBS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stardrop_program(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${arg_SOURCES})
  if(NOT sources)
    return()
  endif()
  list(TRANSFORM arg_DEPENDS PREPEND "stardrop::")
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE stardrop_options ${arg_DEPENDS} ${arg_LIBS})
endfunction()

# Compiler flags without which ccache cannot reuse what was built on a precompiled header.
function(stardrop_make_pch_cacheable target)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)
  else()
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
