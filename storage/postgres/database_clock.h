// The database's clock, carried over to this machine.
#pragma once

#include <atomic>
#include <chrono>
#include <limits>

#include "base/time.h"

namespace stardrop::storage::postgres {

/// All nodes of a database go by one clock, that of the database, so that one whose own is an hour
/// off neither opens a sale too early nor lets a reservation expire. Between two looks it runs on
/// the steady clock, which nobody sets: a machine whose clock is put forward must not take
/// everybody with it. Before the first look, and without a database, it is the machine's. Any
/// thread.
class DatabaseClock final : public Clock {
 public:
  explicit DatabaseClock(const Clock& machine) noexcept : machine_(machine) {}

  Instant now() const noexcept override {
    const std::int64_t ahead = ahead_us_.load(std::memory_order_relaxed);
    return ahead == kNotSeen ? machine_.now() : steady().plus({ahead});
  }
  /// This process' own moments, to compare with.
  static Instant steady() noexcept {
    using std::chrono::microseconds;
    const auto time = std::chrono::steady_clock::now().time_since_epoch();
    return Instant{std::chrono::duration_cast<microseconds>(time).count()};
  }

  /// The database said it was `there` at some moment between two `steady` ones.
  void compare(Instant before, Instant there, Instant after) noexcept {
    const std::int64_t here = before.us + (after.us - before.us) / 2;
    ahead_us_.store(there.us - here, std::memory_order_relaxed);
  }
  /// How far the database's clock is ahead of the machine's.
  Duration ahead() const noexcept { return now().since(machine_.now()); }

 private:
  static constexpr std::int64_t kNotSeen = std::numeric_limits<std::int64_t>::min();

  const Clock& machine_;
  std::atomic<std::int64_t> ahead_us_{kNotSeen};
};

}  // namespace stardrop::storage::postgres
