// Page checksums: a thin VFS that finds every flipped bit of the database file when it is read.
//
// Each page ends with reserved bytes, which SQLite leaves alone. They hold the CRC-32C of the page
// and its number, put there when a page is written to the file and proven when it is read. Pages in
// the write-ahead log have SQLite's own checksums. The idea is that of SQLite's cksumvfs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "storage/sqlite/database.h"

namespace stardrop::storage {

/// Bytes of a page that its checksum takes.
inline constexpr int kChecksumBytes = 4;

/// Registers the checking VFS on top of `base` (empty: the system's own) and returns its name.
/// Refused with storage_unavailable if there is no such base.
Result<std::string> checksum_vfs(const std::string& base);

/// Asks for checksums in a database that has no page yet; nothing happens to one that has.
Status reserve_checksums(Database& db);

/// What went through a file.
struct PageReport {
  std::int64_t pages = 0;
  std::int64_t first_bad = 0;  ///< number of the first damaged page, from 1; 0 if all are sound
  bool has_checksums = false;  ///< without them nothing was proven
};

/// Reads every page of a database file, free ones included, and proves its checksum. The
/// write-ahead log is not looked at. Nobody may be writing: use it on a closed file or a backup.
/// Refused with storage_unavailable if the file can't be read or is no database.
Result<PageReport> verify_pages(
    const std::string& path,
    const std::string& vfs = {},
    const std::function<void(std::int64_t, std::int64_t)>& progress = {});

}  // namespace stardrop::storage
