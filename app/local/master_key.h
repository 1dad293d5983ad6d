// The master key: it seals every personal text, and lives in a file of its own.
#pragma once

#include <string>
#include <string_view>

#include "base/seal.h"

namespace stardrop::app {

/// A key, or why there is none.
struct MasterKey {
  SecretKey key{};
  std::string problem;  ///< empty: fine
  bool made = false;    ///< it was not there before
};

/// The path of a database `sqlite:PATH`; empty if `db` is something else.
std::string sqlite_path(const std::string& db);
/// Whether `db` is on a PostgreSQL server: `postgres://…` or `postgresql://…`.
bool is_postgres(std::string_view db);
/// What names of files that belong to a database begin with: its path, or `var/stardrop` if it is
/// on a server.
std::string files_of(const std::string& db);

/// Where the key of `db` is, unless a setting says otherwise: `files_of` with `.key`.
std::string master_key_path(const std::string& db, const std::string& setting);

/// Reads the key; makes one if there is none and `make` is set. A file that others may read is
/// refused.
MasterKey load_master_key(const std::string& path, bool make);

/// Writes `text` into a new file that only its owner may read, synced. Nothing on success, else
/// what went wrong.
std::string write_private_file(const std::string& path, const std::string& text);

/// From now on, files this process makes are readable by their owner only: databases hold who gave
/// what to whom.
void keep_new_files_private();

/// Whether only the owner may read the file; true if there is none.
bool is_private(const std::string& path);

}  // namespace stardrop::app
