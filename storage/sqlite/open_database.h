// Opening a database file the two ways there are: as its one writer, or to read it.
#pragma once

#include <string>

#include "storage/sqlite/database.h"
#include "storage/sqlite/options.h"

namespace stardrop::storage {

/// Bytes of a page.
inline constexpr std::size_t kPageBytes = 4096;

/// The one connection that writes and moves the write-ahead log into the file. The caller holds the
/// file's lock. Makes a file that isn't there, and brings the schema up to date.
/// Refused with storage_unavailable; the fact `reason` says why.
Result<Database> open_for_writing(const SqliteOptions& options);

/// A connection that can neither write nor move the log. It may be used beside the writer.
/// Refused with storage_unavailable.
Result<Database> open_for_reading(const std::string& path, const std::string& vfs = {});

}  // namespace stardrop::storage
