// Rate limits per key, per address and per kind of request: the generic cell rate algorithm (ITU-T
// I.371).
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace stardrop::api {

/// So many requests a period in the long run, and so many at once. 0 requests: no limit.
struct Rate {
  std::int64_t requests = 0;
  std::int64_t burst = 0;
  Duration period = Duration::seconds(1);
  friend bool operator==(const Rate&, const Rate&) = default;
};

/// What a limiter says of one request.
struct Verdict {
  bool allowed = true;
  std::int64_t remaining = 0;  ///< further requests that would pass now
  Duration retry_after;        ///< until the next one passes
  std::int64_t retry_after_s() const noexcept { return (retry_after.us + 999'999) / 1'000'000; }
};

/// Counts by a 64-bit name, such as the hash of a key id or of an address. Any thread.
class RateLimiter {
 public:
  /// Takes one request of `name` if its rate allows.
  Verdict take(std::uint64_t name, const Rate& rate, Instant now);

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, std::int64_t> due_us;  // theoretical arrival time
    std::size_t sweep_at = 4096;
  };
  std::array<Shard, 16> shards_;
};

/// A name for an address or key in the limiter.
std::uint64_t limiter_name(std::string_view kind, std::string_view text) noexcept;

}  // namespace stardrop::api
