// Numbered changes of the schema, built into the program.
#pragma once

#include <cstdint>
#include <span>

#include "storage/migration.h"
#include "storage/sqlite/database.h"

namespace stardrop::storage {

/// All migrations, in order; generated from the folder when the program is built.
std::span<const Migration> migrations() noexcept;

/// Marks a file as ours, in its header: "SDRP".
inline constexpr std::int64_t kApplicationId = 0x53445250;

/// Brings the schema up to date, in one transaction; what was applied is noted in
/// `schema_migrations`. Interrupted, nothing has happened.
///
/// A file may have migrations that this program does not know, if they say that it may go on
/// (`works_from`). Refused with storage_unavailable and the fact `reason`: `other_application`,
/// `newer_schema` (it may not), `changed_migration` (one that was applied is another
/// now), `unclean_stop` (there is redo log that only the version that wrote it can read).
Status migrate(Database& db, std::span<const Migration> wanted = migrations());

}  // namespace stardrop::storage
