// Numbered changes of the PostgreSQL schema, built into the program.
#pragma once

#include <span>

#include "storage/migration.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// All migrations, in order; generated from the folder when the program is built.
std::span<const Migration> migrations() noexcept;

/// Brings the schema up to date, each migration in a transaction of its own; what was applied is
/// noted in `schema_migrations`. Several nodes may ask at once: one works, the others wait.
///
/// Refused with storage_unavailable and the fact `reason`: `newer_schema` (a newer version of the
/// program wrote it), `changed_migration` (one that was applied is another now).
Status migrate(Connection& db, std::span<const Migration> wanted = migrations());

}  // namespace stardrop::storage::postgres
