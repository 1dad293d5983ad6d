// The store for those who outgrow one machine: one PostgreSQL database, any number of writers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/store.h"
#include "storage/postgres/options.h"

namespace stardrop::storage::postgres {

/// One transaction a batch: all rows it reads are locked in one fixed order, read, and written back
/// by sets. One connection; it belongs to the engine's thread (storage/README.md).
class PostgresStore final : public engine::Store {
 public:
  explicit PostgresStore(Options options);
  ~PostgresStore() override;

  /// Refused with storage_unavailable; the fact `reason` says why: `unreachable`, `newer_schema`,
  /// `changed_migration`, `other_master_key`, `import_unfinished`, `no_free_lane`,
  /// `lease_lost`, `damaged_row`, or `sqlstate` with the
  /// database's own word in `sqlstate`.
  Result<engine::LaneHead> open(market::State& into, const engine::TakeKeys& take) override;
  Status load(const market::Keys& keys, market::State& into) override;
  Status commit(const engine::Changes& changes) override;
  void abort() override;
  Status confirm() override;
  Status tidy(market::State& state, bool idle) override;
  /// Nothing to do: every row is in its table.
  Status flush(market::State&) override { return done(); }
  Result<std::optional<engine::JournalBatch>> find_batch(OpId op) override;
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override;
  Status load_all(market::State& into) override;
  Result<std::unique_ptr<engine::Snapshot>> snapshot() override;

  bool is_shared() const override { return true; }
  Result<engine::Locked> lock(const market::Keys& keys,
                              const engine::LockNeeds& needs,
                              market::State& into) override;
  Status find_batches(std::span<const OpId> ops,
                      const std::function<void(engine::JournalBatch&&)>& take) override;
  Result<std::vector<engine::UsedKey>> find_keys(std::span<const engine::UsedKey> keys) override;
  Result<std::vector<PairKey>> abandoned_slices() override;
  Status claim_timers(Instant now, std::int64_t most, market::State& into) override;
  engine::Trouble trouble() const override;
  Result<bool> take_news(market::State& into, std::vector<market::Event>& events) override;
  bool has_news() const override;
  Result<Instant> next_timer() override;
  Status load_line(GiftId first, std::size_t most, market::State& into) override;
  void on_ring(std::function<void()> wake) override;
  bool has_bell() const override;
  std::int64_t writers() const override;

  /// How often an answer was waited for on this connection.
  std::uint64_t round_trips() const noexcept;
  /// How many commits' outcomes had to be looked for.
  std::uint64_t resolved() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stardrop::storage::postgres
