// The sequencer: gives each operation its number and its time. Neither ever goes back.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/id.h"
#include "base/time.h"
#include "engine/store.h"
#include "ledger/ids.h"

namespace stardrop::engine {

/// One writer's sequence. Times are strictly increasing microseconds: a clock that is set back
/// stands still here until it has caught up.
class Sequencer {
 public:
  /// Continues behind what a lane of the journal holds, under its number.
  void resume(const LaneHead& head) noexcept {
    node_ = head.lane;
    last_id_ = std::max(last_id_, head.last_op.value() + ledger::kObjectsMax);
    last_time_ = std::max(last_time_, head.last_time);
  }

  /// What the next operation would be stamped with at this moment of the clock.
  OpId next_op(Instant clock) const noexcept {
    const std::int64_t ms = std::max<std::int64_t>(clock.us / 1000 - ledger::kEpochMs, 1);
    const std::int64_t fresh = start_of(ms);
    std::int64_t next = std::max(fresh, last_id_ + 1);
    constexpr std::int64_t kCountMask = (std::int64_t{1} << ledger::kCountBits) - 1;
    if ((next & kCountMask) > kCountMask - ledger::kObjectsMax || !is_ours(next)) {
      next = start_of((next >> (ledger::kCountBits + ledger::kNodeBits)) + 1);
    }
    return OpId(next);
  }
  Instant next_time(Instant clock) const noexcept {
    return std::max(clock, last_time_.plus(Duration{1}));
  }

  /// The operation was carried out and its objects took the ids up to `last_id`.
  void used(std::int64_t last_id, Instant at) noexcept {
    last_id_ = last_id;
    last_time_ = at;
  }

  /// What another writer stamped with `at` may be the cause of what comes next.
  void not_before(Instant at) noexcept { last_time_ = std::max(last_time_, at); }

  /// The ledger's time: never behind what was stamped.
  Instant now(Instant clock) const noexcept { return std::max(clock, last_time_); }

 private:
  std::int64_t start_of(std::int64_t ms) const noexcept {
    return (ms << (ledger::kCountBits + ledger::kNodeBits)) |
           (static_cast<std::int64_t>(node_) << ledger::kCountBits);
  }
  bool is_ours(std::int64_t id) const noexcept {
    constexpr std::int64_t kNodeMask = (std::int64_t{1} << ledger::kNodeBits) - 1;
    return ((id >> ledger::kCountBits) & kNodeMask) == static_cast<std::int64_t>(node_);
  }

  std::uint32_t node_ = 0;
  std::int64_t last_id_ = 0;
  Instant last_time_;
};

}  // namespace stardrop::engine
