// The test clock of a development server.
#include "api/dev_clock.h"

#include <algorithm>

namespace stardrop::api {

ClockReading DevClock::reading_at(Instant machine_time) const noexcept {
  const std::int64_t lead = lead_us_.load(std::memory_order_relaxed);
  return {machine_time.plus({lead}), machine_time, lead / 1'000'000};
}

ClockReading DevClock::read() const noexcept { return reading_at(machine_.now()); }

Result<DevClock::Move> DevClock::move(const MoveClock& wanted, std::string_view idempotency_key) {
  const std::lock_guard lock(mutex_);
  const std::string key(idempotency_key);
  if (const auto found = known_.find(key); found != known_.end()) {
    if (found->second.wanted != wanted) return ErrorCode::idempotency_key_reused;
    return Move{found->second.reading, true};
  }
  if (wanted.advance_seconds.has_value() == wanted.now.is_set()) {
    return Error(ErrorCode::invalid_request).detail("Give either advance_seconds or now.");
  }
  const Instant machine_time = machine_.now();
  const Instant present = machine_time.plus({lead_us_.load(std::memory_order_relaxed)});
  const Instant target =
      wanted.now.is_set() ? wanted.now : present.plus(Duration::seconds(*wanted.advance_seconds));
  if (target < present || target > kLatest) {
    return Error(ErrorCode::invalid_value)
        .param(wanted.now.is_set() ? "now" : "advance_seconds")
        .detail(target < present ? "The clock can only move forward."
                                 : "The clock can't move that far.")
        .with("now", rfc3339(present))
        .with("latest", rfc3339(kLatest));
  }
  lead_us_.store(target.since(machine_time).us, std::memory_order_relaxed);
  const ClockReading reading = reading_at(machine_time);
  if (key.empty()) return Move{reading};
  if (order_.size() == kKeysMax) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  known_.emplace(key, Known{wanted, reading});
  order_.push_back(key);
  return Move{reading};
}

void DevClock::not_before(Instant moment) noexcept {
  const std::lock_guard lock(mutex_);
  const std::int64_t lead = moment.since(machine_.now()).us;
  lead_us_.store(std::max(lead_us_.load(std::memory_order_relaxed), lead),
                 std::memory_order_relaxed);
}

}  // namespace stardrop::api
