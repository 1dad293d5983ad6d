// Stars come into circulation for an account that paid for them.
#pragma once

#include <string>

#include "market/command.h"

namespace stardrop::market {

/// Credits bought Stars. A payment that can still be taken back (an app store's refund window)
/// says until when; its Stars are followed by lot until then.
///
/// A payment is known by provider and reference: the same one never counts twice. If its reversal
/// was reported before it came, it is taken back at once.
///
/// Refused with, in this order: forbidden (purchases are blocked), amount_out_of_range,
/// invalid_value, forbidden (a user asks), account_not_found, account_erased, reference_used,
/// balance_limit_reached, too_many_lots.
struct TopUp {
  static constexpr std::string_view kName = "top_up";
  static constexpr std::uint16_t kCode = 4;
  static constexpr Effect kEffects = Effect::issues_stars | Effect::moves_stars;

  AccountId account;
  Stars stars;
  std::string provider;
  std::string reference;
  Instant reversible_until;

  struct Reply {
    TopUpId id;
    AccountId account;
    Stars stars;
    ledger::TopUpState state = ledger::TopUpState::posted;
    Instant reversible_until;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The top-up."),
                        field("account", &Reply::account, "Who got the Stars."),
                        field("stars", &Reply::stars, "How many."),
                        field("state", &Reply::state, "Where it stands."),
                        field("reversible_until", &Reply::reversible_until,
                              "Until when the payment can be taken back; null if it is final."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("account", &TopUp::account, "Who gets the Stars."),
        field("stars", &TopUp::stars, "How many whole Stars.")
            .between(1, 1'000'000'000'000)
            .like("1000"),
        field("provider", &TopUp::provider, "Who was paid: app_store, google_play, fragment, …")
            .at_most(64)
            .like("app_store"),
        field("reference", &TopUp::reference, "The provider's id of the payment (charge id).")
            .at_most(255)
            .like("ch_1"),
        field("reversible_until", &TopUp::reversible_until,
              "Until when the payment can be taken back; left out if it is final.")
            .or_default());
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
