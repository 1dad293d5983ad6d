// Backups of a living database, and their way back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/hash.h"
#include "base/id.h"
#include "base/result.h"

namespace stardrop::storage {

/// Called now and then with pages done and pages in all.
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

/// What a database file was found to hold.
struct DatabaseReport {
  std::int64_t pages = 0;
  std::int64_t batches = 0;
  std::int64_t operations = 0;
  OpId last_op;
  Digest chain{};  ///< hash of the last journal entry
};

/// Copies the database at `from` to `to`, as it stands at this moment, while the engine goes on.
/// Reads through a connection of its own that can't write. `to` appears when it is complete and
/// synced. Any thread but the engine's.
/// Refused with storage_unavailable; `reason` is `exists` if there is a file at `to`.
Status back_up(const std::string& from, const std::string& to, const Progress& progress = {});

/// Proves a database that nobody has open: every page, SQLite's own check, every journal entry with
/// its chain, the redo log, the used keys, and that each row can be read. Changes nothing but
/// brings the write-ahead log into the file.
/// Refused with storage_unavailable; `reason` says what is wrong.
Result<DatabaseReport> verify_database(const std::string& path, const Progress& progress = {});

/// Puts a copy of the backup at `from` in the place of the database at `to`, after it was proven.
/// What stood there is kept beside it as `<to>.replaced`.
/// Refused with storage_unavailable; `reason` is `locked` if a process has `to` open.
Result<DatabaseReport> restore(const std::string& from,
                               const std::string& to,
                               const Progress& progress = {});

}  // namespace stardrop::storage
