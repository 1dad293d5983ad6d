// The embedded default store: one SQLite file, one writer, durable before every answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/store.h"
#include "storage/sqlite/options.h"

namespace stardrop::storage {

/// What a store did and where it stands; for metrics and benchmarks.
struct SqliteFigures {
  std::uint64_t commits = 0;
  std::uint64_t checkpoints = 0;
  std::uint64_t sweeps = 0;
  std::uint64_t rows_written_back = 0;
  std::uint64_t rows_evicted = 0;
  std::size_t dirty_rows = 0;
  std::size_t redo_bytes = 0;
  std::size_t wal_bytes = 0;
};

/// Rows of append tables, the journal and the redo log are written with each batch; other rows are
/// written back by sweeps (docs/decisions/0010-write-back.md). One connection does all writing and
/// checkpointing; it belongs to the engine's thread.
class SqliteStore final : public engine::Store {
 public:
  explicit SqliteStore(SqliteOptions options);
  ~SqliteStore() override;

  /// Refused with storage_unavailable; the fact `reason` says why: `locked` (another process has
  /// it), `no_folder`, `unwritable`, `read_only`, `not_a_database`, `other_application`,
  /// `newer_schema`, `changed_migration`, `unclean_stop`, `damaged…`, `disk_full`, `io_error`, or
  /// `failed_sync` (this process must end).
  Result<engine::LaneHead> open(market::State& into, const engine::TakeKeys& take) override;
  Status load(const market::Keys& keys, market::State& into) override;
  Status commit(const engine::Changes& changes) override;
  Status tidy(market::State& state, bool idle) override;
  Status flush(market::State& state) override;
  Result<std::optional<engine::JournalBatch>> find_batch(OpId op) override;
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override;
  Status load_all(market::State& into) override;
  Result<std::unique_ptr<engine::Snapshot>> snapshot() override;

  /// Whether a sync failed. The system may have thrown away what it could not write, so nothing
  /// this process knows can be trusted: it must stop answering and end, without another try.
  bool fatal() const noexcept;
  SqliteFigures figures() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stardrop::storage
