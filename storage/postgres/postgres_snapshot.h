// One moment of a PostgreSQL database.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "engine/snapshot.h"
#include "engine/store.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// A transaction of its own that sees what was committed when it began, through every lane.
class PostgresSnapshot final : public engine::Snapshot {
 public:
  /// Refused with storage_unavailable, also if the database is silent for `begin_within`.
  static Result<std::unique_ptr<PostgresSnapshot>> take(
      const std::string& url,
      Duration begin_within = Duration::seconds(60));

  Status scan(const engine::RowVisitor& visitor) override;
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override;

 private:
  template <class Row>
  Status scan_table(const std::function<void(const Row&)>& visit);

  Connection db_;
};

}  // namespace stardrop::storage::postgres
