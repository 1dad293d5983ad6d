// Reversals of top-ups: how many a minute pass the door, and the alarm when more are asked for.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "api/rate_limiter.h"
#include "base/result.h"
#include "market/events.h"

namespace stardrop::api {

/// Thousands of payments taken back within a minute mean a stolen key, a broken program or a fraud:
/// people should look before all of it has happened. All callers share one rate, so that more keys
/// don't make it more.
class Reversals {
 public:
  /// Takes one of `per_minute` (0: any number); as many may come at once. Any thread. Refused with
  /// rate_limited (facts `reversals_per_minute`, `retry_after`), which sets off the alarm.
  Status admit(std::int64_t per_minute, Instant now);
  /// Counts what the batch carried out. On the engine's thread.
  void update(const std::vector<market::Event>& events) noexcept;

  /// Since the start.
  struct Stats {
    std::uint64_t reversals = 0;
    std::uint64_t stars = 0;
    bool alarm = false;  ///< whether one was refused within the last minute
  };
  /// Any thread.
  Stats stats(Instant now) const noexcept;

 private:
  RateLimiter limiter_;
  std::atomic<std::int64_t> refused_us_{0};  // when one was refused last
  std::atomic<std::uint64_t> reversals_{0};
  std::atomic<std::uint64_t> stars_{0};
};

}  // namespace stardrop::api
