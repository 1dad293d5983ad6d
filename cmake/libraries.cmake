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

# libpq's header stands in a folder of its own on Debian, and PostgreSQL's CMake module asks for the server's too.
find_path(STARDROP_LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED)
find_library(STARDROP_LIBPQ pq REQUIRED)
add_library(stardrop_libpq INTERFACE)
target_include_directories(stardrop_libpq SYSTEM INTERFACE "${STARDROP_LIBPQ_INCLUDE}")
target_link_libraries(stardrop_libpq INTERFACE "${STARDROP_LIBPQ}")

if(STARDROP_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
if(STARDROP_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()
