// Does what is due.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Handles what is due by now, in order of moments, then of ids: holds that expire are released,
/// reservations that expire give their stock to the next in line. Something is due from its very
/// moment on: at `now >= due`, not later. The engine names the timers: where several nodes share a
/// store each takes those that no other is at.
///
/// Refused with: forbidden (only the engine itself asks).
struct RunTimers {
  static constexpr std::string_view kName = "run_timers";
  static constexpr std::uint16_t kCode = 22;
  static constexpr Effect kEffects = Effect::moves_stars | Effect::changes_stock;

  std::int64_t limit = 100;
  std::vector<ledger::Timer> timers{};
  bool more = false;

  struct Reply {
    std::int64_t handled = 0;
    bool more = false;
    static constexpr auto fields() {
      return std::tuple(field("handled", &Reply::handled, "How many were due and are done."),
                        field("more", &Reply::more, "Whether others are due as well."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("limit", &RunTimers::limit, "Most to handle at once.").between(1, 1000).or_default(),
        field("timers", &RunTimers::timers, "Those that are due.").as_internal(),
        field("more", &RunTimers::more, "Whether others are due as well.").as_internal());
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
