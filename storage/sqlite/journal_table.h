// The journal on disk: a row per batch.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "engine/store.h"
#include "storage/sqlite/database.h"

namespace stardrop::storage {

/// The table of journal batches, with the newest ones kept in memory for replays of recent keys.
class JournalTable {
 public:
  /// About how many bytes of recent batches are kept in memory.
  static constexpr std::size_t kRecentBytesMax = std::size_t{4} << 20U;

  Status prepare(Database& db);
  /// Where the journal ends. Refused with storage_unavailable.
  Result<engine::LaneHead> head();

  /// Adds a batch within the open transaction. SQLITE_OK or an error code.
  int append(const engine::JournalBatch& batch, Instant last_time);
  /// The transaction was committed: the batch may be found.
  void committed(const engine::JournalBatch& batch);

  Result<std::optional<engine::JournalBatch>> find(OpId op);
  Status read(OpId after, const std::function<bool(const engine::JournalBatch&)>& take);

 private:
  Database* db_ = nullptr;
  Statement insert_;
  Statement find_;
  std::map<OpId, engine::JournalBatch> recent_;
  std::size_t recent_bytes_ = 0;
};

}  // namespace stardrop::storage
