// How a PostgreSQL store works: where it is, and how long it waits.
#pragma once

#include <cstddef>
#include <string>

#include "base/time.h"
#include "storage/postgres/database_clock.h"

namespace stardrop::storage::postgres {

/// Settings of a PostgreSQL store.
struct Options {
  /// A libpq connection URI, `postgresql://…`. What it says goes over the defaults for time-outs.
  std::string url;
  /// How long a node may be silent before another may take its number. Renewed three times as
  /// often.
  Duration lease = Duration::seconds(10);
  /// How long a batch waits for rows that others have locked before it is made again.
  Duration lock_wait = Duration::seconds(5);
  /// How long the database may be silent while it is waited for; then the connection is given up.
  /// At most the lease. A statement has four fifths of it, so that the database itself ends what is
  /// slow.
  Duration answer_wait = Duration::seconds(8);
  /// How long the outcome of a commit is looked for after the connection broke in it.
  Duration resolve = Duration::seconds(5);
  /// About how many rows are kept to guess by.
  std::size_t cached_rows_max = 2'000'000;
  /// Told what time it is at the database, if given; lives longer than the store.
  DatabaseClock* clock = nullptr;
  /// A digest of the key that seals personal data: every node must have the same. Empty: not asked.
  std::string master_key_digest;
};

}  // namespace stardrop::storage::postgres
