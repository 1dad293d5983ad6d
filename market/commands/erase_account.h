// Erases an account's personal data.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Destroys the key under which the account's name and words were sealed, so that nobody can read
/// them again, in rows, journal or backups made from then on. Revokes its keys and tokens, takes
/// it out of every waiting list, and makes its reservations expire now.
///
/// Being forgotten can't be refused for money's sake, nor is it a way out of it: what the account
/// owns stays booked to it, what it owes stays owed, and open holds stay until they are captured,
/// released or expire. Nothing can be done in its name any more.
///
/// Costs a walk over all keys and over what the account waits for and has reserved.
///
/// Refused with, in this order: account_not_found, account_erased, forbidden (the house).
struct EraseAccount {
  static constexpr std::string_view kName = "erase_account";
  static constexpr std::uint16_t kCode = 3;
  static constexpr Effect kEffects = Effect::changes_stock;

  AccountId account;

  struct Reply {
    AccountId id;
    Stars posted;
    Stars held;
    Stars owed;
    std::int64_t keys_revoked = 0;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The account."),
                        field("posted", &Reply::posted, "Stars that stay booked to it."),
                        field("held", &Reply::held, "The part that open holds set aside."),
                        field("owed", &Reply::owed, "Stars it still owes."),
                        field("keys_revoked", &Reply::keys_revoked, "Keys that were revoked."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("account", &EraseAccount::account, "The account."));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
