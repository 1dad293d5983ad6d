// How a PostgreSQL server is set up, as far as a sale's safety depends on it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace stardrop::storage::postgres {

/// What a server says of itself.
struct ServerFacts {
  std::string version;              ///< as people write it, `15.8`
  std::int64_t version_number = 0;  ///< 150008
  bool data_checksums = false;
  bool fsync = false;
  bool full_page_writes = false;
  std::string synchronous_commit;
  std::int64_t synchronous_standbys = 0;   ///< connected, and waited for
  std::int64_t asynchronous_standbys = 0;  ///< connected, and not waited for
  bool is_standby = false;
  /// Microseconds its clock is ahead of this machine's.
  std::int64_t clock_ahead_us = 0;
};

/// Asks a server. Refused with storage_unavailable.
Result<ServerFacts> examine(const std::string& url);

}  // namespace stardrop::storage::postgres
