// What a node settles with the database before it works.
#pragma once

#include <string>

#include "base/result.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/options.h"

namespace stardrop::storage::postgres {

/// How long a node waits for a database that says nothing.
Duration longest_silence(const Options& options);

/// The settings that every transaction of a connection relies on, as a script.
std::string session_settings(const Options& options);

/// Whether this node seals personal data as the others do; the first one decides. Refused with
/// storage_unavailable (fact `reason`: `other_master_key`). Nothing is asked with an empty digest.
Status agree_on_master_key(Connection& db, const std::string& digest);

/// Whether the database is whole: one that is being moved here is not. Refused with
/// storage_unavailable (fact `reason`: `import_unfinished`).
Status check_import(Connection& db);

/// Tells the clock, if there is one, what time it is at the database.
Status compare_clocks(Connection& db, DatabaseClock* clock);

}  // namespace stardrop::storage::postgres
