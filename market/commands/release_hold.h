// Gives up a hold.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// The Stars that were set aside are available to their owner again; what it owes is repaid from
/// them.
///
/// Refused with, in this order: forbidden (a user asks), hold_not_found, hold_closed.
struct ReleaseHold {
  static constexpr std::string_view kName = "release_hold";
  static constexpr std::uint16_t kCode = 11;
  static constexpr Effect kEffects = Effect::moves_stars;

  HoldId hold;

  struct Reply {
    HoldId hold;
    Stars released;
    static constexpr auto fields() {
      return std::tuple(field("hold", &Reply::hold, "The hold."),
                        field("released", &Reply::released, "What its owner has back."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("hold", &ReleaseHold::hold, "The hold."));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
