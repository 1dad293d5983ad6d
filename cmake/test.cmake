# stardrop_test(): one GoogleTest program per folder of tests/. stardrop_fuzz(): one fuzz target.
include(GoogleTest)

# Everything that carries the label `tsan`, so that the thread sanitizer's build compiles only that.
add_custom_target(stardrop_tsan_tests)

# stardrop_test(<name> [SOURCES file…] DEPENDS module… [LIBS target…] [LABELS label…] [TIMEOUT seconds] [PCH header…])
#
# Makes the program `test_<name>` and registers each of its tests as `<name>.<Suite>.<Test>`. Without
# SOURCES it takes every *.cpp below the current folder; without any it makes nothing. The helpers of
# tests/support are linked in. The label `tsan` also runs it under the thread sanitizer (scripts/test).
# TIMEOUT is for a single test; the default leaves room for sanitizers on a busy machine.
function(stardrop_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;DEPENDS;LIBS;LABELS;PCH")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stardrop_test(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_SOURCES)
    file(GLOB_RECURSE arg_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  endif()
  if(NOT arg_SOURCES)
    return()
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  list(TRANSFORM arg_DEPENDS PREPEND "stardrop::")

  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE
    stardrop_options stardrop_test_support ${arg_DEPENDS} ${arg_LIBS}
    rapidcheck GTest::gtest GTest::gmock GTest::gtest_main Threads::Threads)
  target_compile_definitions(${target} PRIVATE STARDROP_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  if(arg_PCH)
    target_precompile_headers(${target} PRIVATE ${arg_PCH})
    stardrop_make_pch_cacheable(${target})
  endif()
  set(properties TIMEOUT ${arg_TIMEOUT})
  if(arg_LABELS)
    list(JOIN arg_LABELS "\\;" labels)
    list(APPEND properties LABELS "${labels}")
  endif()
  gtest_discover_tests(${target}
    TEST_PREFIX "${name}."
    DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60
    PROPERTIES ${properties})
  if("tsan" IN_LIST arg_LABELS)
    add_dependencies(stardrop_tsan_tests ${target})
  endif()
endfunction()

# stardrop_fuzz(<name> DEPENDS module… [LIBS target…])
#
# Makes `fuzz_<name>` from <name>.cpp, which defines LLVMFuzzerTestOneInput. With the preset `fuzz` it
# is a libFuzzer program; in every other build it replays the inputs of corpus/<name>, as a test.
function(stardrop_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "DEPENDS;LIBS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "stardrop_fuzz(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  list(TRANSFORM arg_DEPENDS PREPEND "stardrop::")
  set(target fuzz_${name})
  add_executable(${target} ${name}.cpp)
  target_link_libraries(${target} PRIVATE stardrop_options ${arg_DEPENDS} ${arg_LIBS})
  if(STARDROP_SANITIZE MATCHES "fuzzer")
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
  add_test(NAME fuzz.${name} COMMAND ${target} "${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name}")
  set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 120)
endfunction()
