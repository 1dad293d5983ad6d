// Instants, durations and the only clock.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stardrop {

/// A length of time in microseconds.
struct Duration {
  std::int64_t us = 0;
  static constexpr Duration seconds(std::int64_t n) noexcept { return {n * 1'000'000}; }
  static constexpr Duration milliseconds(std::int64_t n) noexcept { return {n * 1'000}; }
  friend constexpr auto operator<=>(const Duration&, const Duration&) noexcept = default;
};

/// A point in time: microseconds since 1970-01-01T00:00:00Z. 0 means none.
struct Instant {
  std::int64_t us = 0;
  constexpr bool is_set() const noexcept { return us != 0; }
  constexpr Instant plus(Duration d) const noexcept { return {us + d.us}; }
  constexpr Duration since(Instant earlier) const noexcept { return {us - earlier.us}; }
  friend constexpr auto operator<=>(const Instant&, const Instant&) noexcept = default;
};

/// The last instant that has a four-digit year.
inline constexpr Instant kInstantMax{253'402'300'799'999'999};

/// RFC 3339 in UTC, with as many decimals (0, 3 or 6) as needed: `2024-10-05T12:00:00Z`.
std::string rfc3339(Instant instant);

/// Reads RFC 3339 with any offset; nothing if malformed or outside years 1970 to 9999.
std::optional<Instant> parse_rfc3339(std::string_view text) noexcept;

/// Where the present comes from. Nothing else in the engine reads a clock.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  /// The present. May be called from any thread.
  virtual Instant now() const noexcept = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  Instant now() const noexcept override;
};

/// A clock that moves only when told to; for tests, simulation and the test clock of `--dev`.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) noexcept : us_(start.us) {}
  Instant now() const noexcept override { return {us_.load(std::memory_order_relaxed)}; }
  void set(Instant instant) noexcept { us_.store(instant.us, std::memory_order_relaxed); }
  void advance(Duration d) noexcept { us_.fetch_add(d.us, std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> us_;
};

}  // namespace stardrop
