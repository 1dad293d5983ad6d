// Keeps one gift for a buyer who pays elsewhere.
#pragma once

#include <optional>

#include "market/command.h"

namespace stardrop::market {

/// Takes one gift out of what is left until the reservation is used, given back, or expires at a
/// moment that is told. It counts for the cap per account. Made for checkouts: an app or the
/// operator asks, not the user, who could keep a drop from others for nothing.
///
/// Refused with, in this order: forbidden (gifts are blocked), amount_out_of_range (seconds),
/// forbidden (a user asks), account_not_found, account_erased, edition_not_found, sale_not_open,
/// sale_ended, premium_required, account_too_new, sold_out, account_limit_reached.
struct ReserveGift {
  static constexpr std::string_view kName = "reserve_gift";
  static constexpr std::uint16_t kCode = 17;
  static constexpr Effect kEffects = Effect::changes_stock;

  EditionId edition;
  AccountId account;
  std::optional<std::int64_t> seconds;

  struct Reply {
    ReservationId reservation;
    Instant expires_at;
    static constexpr auto fields() {
      return std::tuple(field("reservation", &Reply::reservation, "The reservation."),
                        field("expires_at", &Reply::expires_at, "When the stock goes on."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("edition", &ReserveGift::edition, "What to keep one of."),
        field("account", &ReserveGift::account, "Who may buy it."),
        field("seconds", &ReserveGift::seconds, "How long; left out: what the settings say.")
            .between(1, 604'800)
            .like("600"));
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
