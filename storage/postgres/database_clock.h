// The database's clock, carried over to this machine.
#pragma once

#include <atomic>

#include "base/time.h"

namespace stardrop::storage::postgres {

/// All nodes of a database go by one clock, that of the database, so that one whose own is an hour
/// off neither opens a sale too early nor lets a reservation expire. It runs on the machine's clock
/// with the difference that was seen last. Any thread.
class DatabaseClock final : public Clock {
 public:
  explicit DatabaseClock(const Clock& machine) noexcept : machine_(machine) {}

  Instant now() const noexcept override { return machine_.now().plus(ahead()); }

  /// The database said it was `there` at some moment between two of this machine's.
  void compare(Instant before, Instant there, Instant after) noexcept {
    const std::int64_t here = before.us + (after.us - before.us) / 2;
    ahead_us_.store(there.us - here, std::memory_order_relaxed);
  }
  /// How far the database's clock is ahead of the machine's.
  Duration ahead() const noexcept { return Duration{ahead_us_.load(std::memory_order_relaxed)}; }
  const Clock& machine() const noexcept { return machine_; }

 private:
  const Clock& machine_;
  std::atomic<std::int64_t> ahead_us_{0};
};

}  // namespace stardrop::storage::postgres
