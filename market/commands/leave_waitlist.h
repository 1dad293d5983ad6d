// Leaves a waiting list.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Gives the place in line up; everybody behind it moves up one.
///
/// Refused with, in this order: account_not_found, account_erased, waitlist_entry_not_found.
struct LeaveWaitlist {
  static constexpr std::string_view kName = "leave_waitlist";
  static constexpr std::uint16_t kCode = 21;
  static constexpr Effect kEffects = Effect::changes_stock;

  EditionId edition;
  AccountId account;

  struct Reply {
    EditionId edition;
    AccountId account;
    static constexpr auto fields() {
      return std::tuple(field("edition", &Reply::edition, "What it waited for."),
                        field("account", &Reply::account, "Who waited."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("edition", &LeaveWaitlist::edition, "The edition."),
                      field("account", &LeaveWaitlist::account, "Who waits no longer."));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
