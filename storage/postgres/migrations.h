// Numbered changes of the PostgreSQL schema, built into the program.
#pragma once

#include <span>

#include "storage/migration.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// All migrations, in order; generated from the folder when the program is built.
std::span<const Migration> migrations() noexcept;

/// Brings the schema up to date, each migration in a transaction of its own; what was applied is
/// noted in `schema_migrations`. Several nodes may ask at once: one works, the others wait. Nodes
/// that are at work are not kept waiting: what locks it needs it tries for a short while, again and
/// again, a minute long.
///
/// A database may have migrations that this program does not know, if they say that it may go on
/// (`works_from`). Refused with storage_unavailable and the fact `reason`: `newer_schema` (it may
/// not), `changed_migration` (one that was applied is another now).
Status migrate(Connection& db, std::span<const Migration> wanted = migrations());

/// Whether a program that knows these migrations may still go on: a newer one may have migrated the
/// database meanwhile. Refused with storage_unavailable (fact `reason`: `newer_schema`).
Status check_schema(Connection& db, std::span<const Migration> known = migrations());

}  // namespace stardrop::storage::postgres
