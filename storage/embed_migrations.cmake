# Writes OUTPUT, a C++ source that holds every migrations/NNNN_name/up.sql below SOURCE.
#
# Run with: cmake -DSOURCE=… -DOUTPUT=… -DHEADER=… -DNAMESPACE=… -P embed_migrations.cmake
file(GLOB files "${SOURCE}/migrations/*/up.sql")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(GET folder FILENAME folder)
  string(REGEX MATCH "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$" matched "${folder}")
  if(NOT matched)
    message(FATAL_ERROR "${folder}: a migration is called NNNN_name")
  endif()
  set(name "${CMAKE_MATCH_2}")
  math(EXPR number "1${CMAKE_MATCH_1} - 10000")
  file(READ "${file}" sql)
  set(works_from 0)
  if(sql MATCHES "-- works_from: ([0-9]+)")
    set(works_from "${CMAKE_MATCH_1}")
    if(works_from GREATER number)
      message(FATAL_ERROR "${folder}: works_from is a migration that is not there yet")
    endif()
  endif()
  string(APPEND entries "    {${number}, \"${name}\", R\"SQL(${sql})SQL\", ${works_from}},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Generated from the migrations beside ${HEADER}.
#include \"${HEADER}\"

namespace ${NAMESPACE} {
namespace {

constexpr Migration kMigrations[] = {
${entries}};

}  // namespace

std::span<const Migration> migrations() noexcept { return kMigrations; }

}  // namespace ${NAMESPACE}
")
