# What every target of ours is compiled with: standard, warnings, sanitizers, the include root.
#
#   stardrop_sanitize  sanitizer and coverage flags; also for third-party sources we compile
#   stardrop_options   the above, C++20, warnings, and the repository root as the include root

option(STARDROP_BUILD_TESTS "Build the tests" ON)
option(STARDROP_BUILD_BENCH "Build the benchmarks" ON)
option(STARDROP_WERROR "Treat warnings as errors" ON)
option(STARDROP_COVERAGE "Measure test coverage (gcov)" OFF)
option(STARDROP_FULL_DEBUG_INFO "Debug information on variables and types, not lines only" OFF)
option(STARDROP_VERIFY_HEADERS "Compile every header alone (target all_verify_interface_header_sets; slow)" OFF)
option(STARDROP_UNITY "Compile several sources as one, in modules that say how many: a build from scratch is quicker" OFF)
option(STARDROP_SYSTEM_SQLITE "Use the system's SQLite instead of the pinned amalgamation" OFF)
set(STARDROP_SANITIZE "" CACHE STRING "Sanitizers: address,undefined | thread | fuzzer,address")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# Debug keeps some optimization: the simulations run with sanitizers and would crawl without. Line
# numbers are all the debug information that sanitizers' reports need, and the rest of it takes a
# third of the time to compile; -DSTARDROP_FULL_DEBUG_INFO=ON is for those who step through.
# Our own assertions do not depend on NDEBUG and stay on in every build.
set(stardrop_debug_info -g1)
if(STARDROP_FULL_DEBUG_INFO)
  set(stardrop_debug_info -g)
endif()
foreach(language IN ITEMS C CXX)
  set(CMAKE_${language}_FLAGS_DEBUG "-O1 ${stardrop_debug_info} -fno-omit-frame-pointer")
  set(CMAKE_${language}_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
  set(CMAKE_${language}_FLAGS_RELWITHDEBINFO "-O2 ${stardrop_debug_info} -fno-omit-frame-pointer")
endforeach()

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_VERIFY_INTERFACE_HEADER_SETS ${STARDROP_VERIFY_HEADERS})

# ccache needs to be told that precompiled headers are safe to reuse here.
find_program(STARDROP_CCACHE ccache)
if(STARDROP_CCACHE)
  set(stardrop_launcher env CCACHE_SLOPPINESS=pch_defines,time_macros ${STARDROP_CCACHE})
  foreach(language IN ITEMS C CXX)
    if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER ${stardrop_launcher})
    endif()
  endforeach()
endif()

add_library(stardrop_sanitize INTERFACE)
if(STARDROP_SANITIZE)
  # libFuzzer brings its own main: everything is instrumented, only fuzz targets link it in.
  string(REPLACE "fuzzer" "fuzzer-no-link" stardrop_sanitize_flags "${STARDROP_SANITIZE}")
  target_compile_options(stardrop_sanitize INTERFACE
    -fsanitize=${stardrop_sanitize_flags} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(STARDROP_SANITIZE MATCHES "undefined")
    # The address sanitizer sees what these four would, and they double the time to compile.
    target_compile_options(stardrop_sanitize INTERFACE -fno-sanitize=null,alignment,object-size,vptr)
  endif()
  target_link_options(stardrop_sanitize INTERFACE -fsanitize=${stardrop_sanitize_flags})
endif()
if(STARDROP_COVERAGE)
  target_compile_options(stardrop_sanitize INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(stardrop_sanitize INTERFACE --coverage)
endif()

set(stardrop_warnings
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  -Wdouble-promotion -Wswitch-enum)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  list(APPEND stardrop_warnings -Wduplicated-branches -Wduplicated-cond -Wlogical-op)
  # GCC 12 misfires on these two inside the standard library.
  list(APPEND stardrop_warnings -Wno-maybe-uninitialized -Wno-restrict)
  if(STARDROP_SANITIZE MATCHES "thread")
    # Asio uses a fence that the sanitizer cannot model; it is not ours to change.
    list(APPEND stardrop_warnings -Wno-tsan)
  endif()
endif()
if(STARDROP_WERROR)
  list(APPEND stardrop_warnings -Werror)
endif()

add_library(stardrop_options INTERFACE)
target_compile_features(stardrop_options INTERFACE cxx_std_20)
target_compile_options(stardrop_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${stardrop_warnings}>")
target_compile_definitions(stardrop_options INTERFACE "$<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>")
target_include_directories(stardrop_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_link_libraries(stardrop_options INTERFACE stardrop_sanitize)
