// A store that fails when told to.
#pragma once

#include <cstdint>
#include <utility>

#include "engine/store.h"

namespace stardrop::storage {

/// How a commit fails.
enum class CommitFault : std::uint8_t {
  none,
  refused,    ///< nothing is written, and the store says so
  lost,       ///< nothing is written, nobody knows
  unanswered  ///< everything is written, nobody knows
};

/// Passes everything on to another store, but for the fault it is told of.
class FaultyStore final : public engine::Store {
 public:
  explicit FaultyStore(engine::Store& store) noexcept : store_(store) {}

  /// The next commit fails like this.
  void fail_commit(CommitFault fault) noexcept { commit_fault_ = fault; }
  /// The n-th load from now on fails; 0: none.
  void fail_load(std::uint64_t n) noexcept { load_in_ = n; }
  /// Whether the last commit reached the store below.
  bool written() const noexcept { return written_; }

  Result<engine::LaneHead> open(market::State& into, const engine::TakeKeys& take) override {
    return store_.open(into, take);
  }
  Status load(const market::Keys& keys, market::State& into) override {
    if (load_in_ > 0 && --load_in_ == 0) return ErrorCode::storage_unavailable;
    return store_.load(keys, into);
  }
  Result<engine::Locked> lock(const market::Keys& keys,
                              const engine::LockNeeds& needs,
                              market::State& into) override {
    if (load_in_ > 0 && --load_in_ == 0) return ErrorCode::storage_unavailable;
    return store_.lock(keys, needs, into);
  }
  Status commit(const engine::Changes& changes) override {
    const CommitFault fault = std::exchange(commit_fault_, CommitFault::none);
    written_ = fault == CommitFault::none || fault == CommitFault::unanswered;
    if (written_) {
      if (Status committed = store_.commit(changes); !committed) return committed;
    }
    if (fault == CommitFault::none) return done();
    return fault == CommitFault::refused ? ErrorCode::storage_unavailable
                                         : ErrorCode::outcome_unknown;
  }
  void abort() override { store_.abort(); }
  Status confirm() override { return store_.confirm(); }
  Status tidy(market::State& state, bool idle) override { return store_.tidy(state, idle); }
  Status flush(market::State& state) override { return store_.flush(state); }
  Result<std::optional<engine::JournalBatch>> find_batch(OpId op) override {
    return store_.find_batch(op);
  }
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override {
    return store_.read_journal(after, take);
  }
  Status load_all(market::State& into) override { return store_.load_all(into); }
  Result<std::unique_ptr<engine::Snapshot>> snapshot() override { return store_.snapshot(); }
  bool is_shared() const override { return store_.is_shared(); }
  Result<std::vector<engine::UsedKey>> find_keys(std::span<const engine::UsedKey> keys) override {
    return store_.find_keys(keys);
  }
  Result<std::vector<PairKey>> abandoned_slices() override { return store_.abandoned_slices(); }
  Status claim_timers(Instant now, std::int64_t most, market::State& into) override {
    return store_.claim_timers(now, most, into);
  }
  engine::Trouble trouble() const override { return store_.trouble(); }
  Result<bool> take_news(market::State& into, std::vector<market::Event>& events) override {
    return store_.take_news(into, events);
  }
  bool has_news() const override { return store_.has_news(); }
  Result<Instant> next_timer() override { return store_.next_timer(); }
  Status load_line(GiftId first, std::size_t most, market::State& into) override {
    return store_.load_line(first, most, into);
  }
  void on_ring(std::function<void()> wake) override { store_.on_ring(std::move(wake)); }
  bool has_bell() const override { return store_.has_bell(); }
  std::int64_t writers() const override { return store_.writers(); }

 private:
  engine::Store& store_;
  CommitFault commit_fault_ = CommitFault::none;
  std::uint64_t load_in_ = 0;
  bool written_ = true;
};

}  // namespace stardrop::storage
