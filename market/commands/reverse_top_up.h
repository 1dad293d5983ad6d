// Takes a payment for Stars back.
#pragma once

#include <optional>

#include "market/command.h"

namespace stardrop::market {

/// The payment behind a top-up was refunded or charged back, in whole or in part.
///
/// The Stars are taken from the account that got them and from nobody else: what is left of them,
/// then whatever else is available to it. Gifts bought with them and Stars given on stay with
/// whoever has them now. What is missing is booked as owed: it is repaid from the next Stars that
/// reach the account. Stars that are held stay held.
///
/// A payment that is reversed in full a second time answers success with `already` and changes
/// nothing. Not even erasing the account stands in the way.
///
/// Refused with, in this order: forbidden (a user asks), top_up_not_found, reversal_exceeds.
struct ReverseTopUp {
  static constexpr std::string_view kName = "reverse_top_up";
  static constexpr std::uint16_t kCode = 5;
  static constexpr Effect kEffects = Effect::issues_stars | Effect::moves_stars;

  TopUpId top_up;
  std::optional<Stars> stars;

  struct Reply {
    TopUpId top_up;
    AccountId account;
    ledger::TopUpState state = ledger::TopUpState::posted;
    Stars reversed;
    Stars recovered;
    Stars owed;
    bool already = false;
    static constexpr auto fields() {
      return std::tuple(
          field("top_up", &Reply::top_up, "The top-up."),
          field("account", &Reply::account, "Who had got the Stars."),
          field("state", &Reply::state, "Where it stands now."),
          field("reversed", &Reply::reversed, "Stars taken back by this request."),
          field("recovered", &Reply::recovered, "The part that was still there."),
          field("owed", &Reply::owed, "The part the account owes from now on."),
          field("already", &Reply::already, "Whether it had been reversed in full before."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("top_up", &ReverseTopUp::top_up, "The top-up."),
                      field("stars", &ReverseTopUp::stars, "Whole Stars; left out: all of it.")
                          .between(1, 1'000'000'000'000)
                          .like("100"));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
