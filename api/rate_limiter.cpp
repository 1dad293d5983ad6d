// The generic cell rate algorithm, one number per name.
#include "api/rate_limiter.h"

#include <algorithm>

namespace stardrop::api {

Verdict RateLimiter::take(std::uint64_t name, const Rate& rate, Instant now) {
  if (rate.requests <= 0) return {};
  const std::int64_t step_us = std::max<std::int64_t>(rate.period.us / rate.requests, 1);
  const std::int64_t tolerance_us = step_us * std::max<std::int64_t>(rate.burst, 1);
  Shard& shard = shards_[name % shards_.size()];
  const std::lock_guard lock(shard.mutex);
  if (shard.due_us.size() >= shard.sweep_at) {
    std::erase_if(shard.due_us, [now](const auto& entry) { return entry.second <= now.us; });
    shard.sweep_at = std::max<std::size_t>(4096, shard.due_us.size() * 2);
  }
  std::int64_t& due = shard.due_us[name];
  // A clock that was put back makes nobody wait longer than the next request at the rate does.
  due = std::clamp(due, now.us, now.us + tolerance_us);
  const std::int64_t after = due + step_us;
  if (after - now.us > tolerance_us) {
    return {false, 0, Duration{after - now.us - tolerance_us}};
  }
  due = after;
  return {true, (tolerance_us - (after - now.us)) / step_us, Duration{}};
}

std::uint64_t limiter_name(std::string_view kind, std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&hash](std::string_view part) {
    for (const char c : part) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    hash = (hash ^ 0xffU) * 0x100000001b3ULL;
  };
  mix(kind);
  mix(text);
  return hash;
}

}  // namespace stardrop::api
