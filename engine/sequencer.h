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
  /// Continues behind what a lane of the journal holds, under its number. Where the lane does not
  /// say how far its ids went, it is as far as they can.
  void resume(const LaneHead& head) noexcept {
    node_ = head.lane;
    constexpr std::int64_t kMost = ledger::kObjectsMax * ledger::kIdStep;
    not_before(head.last_time, std::max(head.last_id, head.last_op.value() + kMost));
  }

  /// What another writer stamped or made may be the cause of what comes next.
  void not_before(Instant at, std::int64_t id) noexcept {
    last_time_ = std::max(last_time_, at);
    last_id_ = std::max(last_id_, id);
  }

  /// What the next operation would be numbered with at this moment of the clock.
  OpId next_op(Instant clock) const noexcept {
    const std::int64_t ms = std::max<std::int64_t>(clock.us / 1000 - ledger::kEpochMs, 1);
    std::int64_t next = (last_id_ & ~(ledger::kIdStep - 1)) | node_;
    if (next <= last_id_) next += ledger::kIdStep;
    next = std::max(start_of(ms), next);
    constexpr std::int64_t kCountMask = (std::int64_t{1} << ledger::kCountBits) - 1;
    const std::int64_t count = (next >> ledger::kNodeBits) & kCountMask;
    if (count > kCountMask - ledger::kObjectsMax) {
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

  /// The ledger's time: never behind what was stamped.
  Instant now(Instant clock) const noexcept { return std::max(clock, last_time_); }

 private:
  std::int64_t start_of(std::int64_t ms) const noexcept {
    return (ms << (ledger::kCountBits + ledger::kNodeBits)) | node_;
  }

  std::int64_t node_ = 0;
  std::int64_t last_id_ = 0;
  Instant last_time_;
};

}  // namespace stardrop::engine
