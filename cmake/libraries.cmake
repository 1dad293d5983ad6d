# Third-party libraries, all found here. Which module may use which one is checked by scripts/tidy.py.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED)  # headers only: Boost::headers
find_package(OpenSSL 3.0 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(Python3 COMPONENTS Interpreter)
include(sqlite)

if(STARDROP_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
if(STARDROP_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()
