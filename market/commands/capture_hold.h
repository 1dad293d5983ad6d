// Takes what a hold has set aside.
#pragma once

#include <optional>

#include "market/command.h"

namespace stardrop::market {

/// Pays `to` from a hold, all of it or a part; the rest is available to its owner again. `to` may
/// be the house. A hold is good even if its owner was erased or owes Stars by now: it is what
/// others rely on.
///
/// Refused with, in this order: forbidden (a user asks), hold_not_found, hold_closed,
/// account_not_found, account_erased (`to`), same_account, amount_out_of_range (more than is
/// held), balance_limit_reached.
struct CaptureHold {
  static constexpr std::string_view kName = "capture_hold";
  static constexpr std::uint16_t kCode = 10;
  static constexpr Effect kEffects = Effect::moves_stars;

  HoldId hold;
  AccountId to;
  std::optional<Stars> stars;

  struct Reply {
    HoldId hold;
    TransferId transfer;
    Stars captured;
    Stars released;
    Instant reversible_until;
    static constexpr auto fields() {
      return std::tuple(field("hold", &Reply::hold, "The hold."),
                        field("transfer", &Reply::transfer, "The transfer that paid."),
                        field("captured", &Reply::captured, "What was taken."),
                        field("released", &Reply::released, "What its owner has back."),
                        field("reversible_until", &Reply::reversible_until,
                              "Until when a payment behind it can be taken back."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("hold", &CaptureHold::hold, "The hold."),
                      field("to", &CaptureHold::to, "Who is paid."),
                      field("stars", &CaptureHold::stars, "Whole Stars; left out: all of it.")
                          .between(1, 1'000'000'000'000)
                          .like("100"));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
