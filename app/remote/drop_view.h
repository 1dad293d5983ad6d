// What a watcher knows of an edition while it sells.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "app/remote/event_parser.h"
#include "base/time.h"

namespace stardrop::app {

/// Follows one edition through the events of the live feed.
class DropView {
 public:
  /// The rate is that of so long, by the server's time.
  static constexpr Duration kRateWindow = Duration::seconds(10);

  /// Takes an event in. Returns whether it changed what is sold or left, or ended the drop.
  bool take(const ServerEvent& event);

  std::int64_t sold() const { return sold_; }
  /// Nothing: unlimited, or nothing was told yet.
  std::optional<std::int64_t> supply() const { return supply_; }
  std::optional<std::int64_t> left() const { return left_; }
  /// Sales a second, rounded; 0 until two moments are known.
  std::int64_t rate() const;
  /// The last gift was sold.
  bool over() const { return over_; }

 private:
  std::int64_t sold_ = 0;
  std::optional<std::int64_t> supply_;
  std::optional<std::int64_t> left_;
  std::deque<std::pair<Instant, std::int64_t>> moments_;
  bool over_ = false;
};

}  // namespace stardrop::app
