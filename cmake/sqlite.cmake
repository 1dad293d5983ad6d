# The target `stardrop_sqlite3`: the pinned SQLite amalgamation, or the system's library.
#
# `scripts/deps` puts sqlite3.c and sqlite3.h (3.53.2) into .cache/sqlite. Why it is built in:
# docs/decisions/0006-sqlite-amalgamation.md.

set(STARDROP_SQLITE_DIR "${PROJECT_SOURCE_DIR}/.cache/sqlite" CACHE PATH "Where sqlite3.c and sqlite3.h are")

# Sets `result` to TRUE if both files are there with the checksums of cmake/sqlite.sha256.
function(stardrop_find_amalgamation result)
  set(${result} TRUE PARENT_SCOPE)
  file(STRINGS "${PROJECT_SOURCE_DIR}/cmake/sqlite.sha256" pins)
  set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/cmake/sqlite.sha256")
  foreach(pin IN LISTS pins)
    string(REGEX MATCH "^([0-9a-f]+)  (.+)$" matched "${pin}")
    set(want "${CMAKE_MATCH_1}")
    set(path "${STARDROP_SQLITE_DIR}/${CMAKE_MATCH_2}")
    if(NOT EXISTS "${path}")
      set(${result} FALSE PARENT_SCOPE)
      return()
    endif()
    file(SHA256 "${path}" have)
    if(NOT have STREQUAL want)
      message(FATAL_ERROR "${path} does not have the pinned checksum; remove it and run scripts/deps")
    endif()
  endforeach()
endfunction()

set(stardrop_have_amalgamation FALSE)
if(NOT STARDROP_SYSTEM_SQLITE)
  stardrop_find_amalgamation(stardrop_have_amalgamation)
endif()

if(stardrop_have_amalgamation)
  add_library(stardrop_sqlite3 STATIC "${STARDROP_SQLITE_DIR}/sqlite3.c")
  target_include_directories(stardrop_sqlite3 SYSTEM PUBLIC "${STARDROP_SQLITE_DIR}")
  # -O2 in every build type, and no undefined-behaviour checks: nobody steps through it, and the tests
  # spend much of their time in it.
  target_compile_options(stardrop_sqlite3 PRIVATE -w -O2)
  if(STARDROP_SANITIZE MATCHES "undefined")
    target_compile_options(stardrop_sqlite3 PRIVATE -fno-sanitize=undefined)
  endif()
  target_compile_definitions(stardrop_sqlite3
    PRIVATE
      HAVE_FDATASYNC=1
      SQLITE_DQS=0
      SQLITE_DEFAULT_MEMSTATUS=0
      SQLITE_DEFAULT_WAL_SYNCHRONOUS=2
      SQLITE_ENABLE_DBPAGE_VTAB
      SQLITE_LIKE_DOESNT_MATCH_BLOBS
      SQLITE_MAX_EXPR_DEPTH=0
      SQLITE_TEMP_STORE=3
      SQLITE_THREADSAFE=2
      SQLITE_USE_ALLOCA
    PUBLIC
      SQLITE_OMIT_DEPRECATED
      SQLITE_OMIT_LOAD_EXTENSION
      SQLITE_OMIT_SHARED_CACHE)
  target_link_libraries(stardrop_sqlite3 PUBLIC Threads::Threads PRIVATE stardrop_sanitize)
else()
  if(NOT STARDROP_SYSTEM_SQLITE)
    message(WARNING "No SQLite amalgamation in ${STARDROP_SQLITE_DIR} (scripts/deps fetches it): "
      "using the system's library, which is slower.")
  endif()
  find_package(SQLite3 3.37 REQUIRED)
  add_library(stardrop_sqlite3 INTERFACE)
  target_link_libraries(stardrop_sqlite3 INTERFACE SQLite::SQLite3)
endif()
