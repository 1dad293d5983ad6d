// The test clock of a development server: the machine's time plus a lead that only grows.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "base/fields.h"
#include "base/result.h"
#include "base/time.h"

namespace stardrop::api {

/// What the test clock shows.
struct ClockReading {
  Instant now;
  Instant machine_time;
  std::int64_t ahead_seconds = 0;

  static constexpr auto fields() {
    using R = ClockReading;
    return std::tuple(
        field("now", &R::now, "The server's time."),
        field("machine_time", &R::machine_time, "The machine's time at that moment."),
        field("ahead_seconds", &R::ahead_seconds, "By how much the server is ahead of it."));
  }
};

/// Where a clock is asked to go: so much further, or to a moment. One of the two.
struct MoveClock {
  std::optional<std::int64_t> advance_seconds;
  Instant now;

  static constexpr auto fields() {
    using M = MoveClock;
    return std::tuple(
        field("advance_seconds", &M::advance_seconds, "Seconds to go forward.")
            .between(1, 2'000'000'000)
            .like("3600"),
        field("now", &M::now, "The moment to go to; it must not be in the past.").or_default());
  }
  friend bool operator==(const MoveClock&, const MoveClock&) = default;
};

/// The clock of `serve --dev`. It runs with the machine's and can be moved, but only forward: what
/// happened stays in the past.
class DevClock final : public Clock {
 public:
  /// No clock moves beyond 2090-01-01T00:00:00Z: ids have room for times until 2093.
  static constexpr Instant kLatest{3'786'912'000'000'000};
  /// Keys of moves that are remembered.
  static constexpr std::size_t kKeysMax = 10'000;

  explicit DevClock(const Clock& machine) noexcept : machine_(machine) {}

  Instant now() const noexcept override {
    return machine_.now().plus({lead_us_.load(std::memory_order_relaxed)});
  }
  ClockReading read() const noexcept;

  /// A move that was made, or made before under the same key.
  struct Move {
    ClockReading reading;
    bool replayed = false;
  };
  /// Moves the clock, once per key; an empty key is none. Refused with, in this order:
  /// idempotency_key_reused, invalid_request (not one of the two), invalid_value (into the past, or
  /// beyond kLatest; facts `now`, `latest`). Any thread.
  Result<Move> move(const MoveClock& wanted, std::string_view idempotency_key);

  /// Goes on where a ledger stopped: a clock behind `moment` is moved there.
  void not_before(Instant moment) noexcept;

 private:
  struct Known {
    MoveClock wanted;
    ClockReading reading;
  };
  ClockReading reading_at(Instant machine_time) const noexcept;

  const Clock& machine_;
  std::atomic<std::int64_t> lead_us_{0};  // written under mutex_
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;  // guarded by mutex_
  std::deque<std::string> order_;                 // the keys of known_, oldest first
};

}  // namespace stardrop::api
