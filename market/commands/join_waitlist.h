// Joins the waiting list of an edition that is sold out.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Takes the last place in line. Whatever comes back into stock is kept for the first in line, for
/// as long as the settings say; then it goes to the next.
///
/// Refused with, in this order: account_not_found, account_erased, edition_not_found,
/// sale_not_open, sale_ended, premium_required, account_too_new, still_on_sale,
/// account_limit_reached, already_waiting, waitlist_full.
struct JoinWaitlist {
  static constexpr std::string_view kName = "join_waitlist";
  static constexpr std::uint16_t kCode = 20;
  static constexpr Effect kEffects = Effect::changes_stock;

  EditionId edition;
  AccountId account;

  struct Reply {
    EditionId edition;
    AccountId account;
    std::int64_t position = 0;
    std::int64_t rank = 0;
    static constexpr auto fields() {
      return std::tuple(
          field("edition", &Reply::edition, "What it waits for."),
          field("account", &Reply::account, "Who waits."),
          field("position", &Reply::position, "Number of the place; it never changes."),
          field("rank", &Reply::rank, "Place in line now; 1 is next."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("edition", &JoinWaitlist::edition, "What to wait for."),
                      field("account", &JoinWaitlist::account, "Who waits."));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
