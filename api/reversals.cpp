// The rate of reversals and its alarm.
#include "api/reversals.h"

#include "base/log.h"

namespace stardrop::api {
namespace {

constexpr Duration kMinute = Duration::seconds(60);

/// Whether `then` lies within the last minute. What lies ahead is from before the clock was put
/// back: nobody knows how long ago that was.
bool is_recent(Instant then, Instant now) {
  const Duration ago = now.since(then);
  return ago >= Duration{} && ago < kMinute;
}

}  // namespace

Status Reversals::admit(std::int64_t per_minute, Instant now) {
  const Rate rate{per_minute, per_minute, kMinute};
  const Verdict verdict = limiter_.take(limiter_name("reversals", {}), rate, now);
  if (verdict.allowed) return done();
  // One line for a storm, however many are refused: whoever puts in the new time sees the old one.
  const Instant before{refused_us_.exchange(now.us, std::memory_order_relaxed)};
  if (!is_recent(before, now)) {
    log(LogLevel::error, "reversals.alarm", {{"reversals_per_minute", per_minute}});
  }
  return Error(ErrorCode::rate_limited)
      .detail("More top-ups are being reversed than may be in a minute.")
      .with("reversals_per_minute", per_minute)
      .with("retry_after", verdict.retry_after_s());
}

void Reversals::update(const std::vector<market::Event>& events) noexcept {
  for (const market::Event& event : events) {
    if (event.kind != market::EventKind::top_up_reversed) continue;
    reversals_.fetch_add(1, std::memory_order_relaxed);
    stars_.fetch_add(static_cast<std::uint64_t>(event.stars.whole_part()),
                     std::memory_order_relaxed);
  }
}

Reversals::Stats Reversals::stats(Instant now) const noexcept {
  const Instant refused{refused_us_.load(std::memory_order_relaxed)};
  return {reversals_.load(std::memory_order_relaxed), stars_.load(std::memory_order_relaxed),
          is_recent(refused, now)};
}

}  // namespace stardrop::api
