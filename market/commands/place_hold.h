// Sets Stars aside.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Sets Stars of an account aside for a payment that is decided later. They stay the account's,
/// but it can't spend them until the hold is captured, released, or expires by itself.
///
/// Holds are an app's or the operator's promise to somebody else, so a user's token can neither
/// make nor end them.
///
/// Refused with, in this order: invalid_value (another reason than payment or payout),
/// command_expired (expires_at has passed), forbidden (a user asks), account_not_found,
/// account_erased, amount_out_of_range (expires_at is too far away), insufficient_funds.
struct PlaceHold {
  static constexpr std::string_view kName = "place_hold";
  static constexpr std::uint16_t kCode = 9;
  static constexpr Effect kEffects = Effect::moves_stars;

  AccountId account;
  Stars stars;
  ledger::HoldReason reason = ledger::HoldReason::payment;
  Instant expires_at;

  struct Reply {
    HoldId hold;
    AccountId account;
    Stars stars;
    Instant expires_at;
    Stars available;
    static constexpr auto fields() {
      return std::tuple(field("hold", &Reply::hold, "The hold."),
                        field("account", &Reply::account, "Whose Stars they are."),
                        field("stars", &Reply::stars, "How many are set aside."),
                        field("expires_at", &Reply::expires_at, "When it ends by itself."),
                        field("available", &Reply::available, "What the account has left."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("account", &PlaceHold::account, "Whose Stars."),
                      field("stars", &PlaceHold::stars, "How many whole Stars.")
                          .between(1, 1'000'000'000'000)
                          .like("100"),
                      field("reason", &PlaceHold::reason, "payment or payout.").or_default(),
                      field("expires_at", &PlaceHold::expires_at,
                            "When it ends by itself; left out: as late as the settings allow.")
                          .or_default());
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
