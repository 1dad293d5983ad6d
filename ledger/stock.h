// The only code that changes what an edition has left.
//
// `sold + reserved + left = supply` always; serial numbers 1…supply are each given once, and one
// that comes back with a refund is given again before a new one.
#pragma once

#include "base/result.h"
#include "base/table.h"
#include "base/time.h"
#include "ledger/account.h"
#include "ledger/edition.h"

namespace stardrop::ledger {

/// Works on tables whose rows the command has declared. Refuses before it writes.
class Stock {
 public:
  struct Tables {
    Table<Edition>& editions;
    Table<Tally>& tallies;
    Table<FreeSerial>& free_serials;
  };

  Stock(Tables tables, std::uint32_t stamp, Instant now) noexcept
      : tables_(tables), stamp_(stamp), now_(now) {}

  /// Names the rows the functions below read.
  template <class Rows>
  static void prefetch(Rows& rows, EditionId edition, AccountId account) {
    const Edition* const found = rows.template want<Edition>(edition);
    if (found == nullptr) return;
    if (found->per_account) rows.template want<Tally>({edition.value(), account.value()});
    if (found->serials_free > 0) {
      rows.template walk<FreeSerial>({edition.value(), 0}, [](const FreeSerial&) { return false; });
    }
  }

  /// Whether the sale is open to this buyer by its windows and eligibility.
  /// Refused with, in this order: sale_not_open, sale_ended, premium_required, account_too_new.
  Status may_enter(const Edition& edition, const Account& buyer) const;
  /// The second half of it. Refused with, in this order: premium_required, account_too_new.
  Status is_eligible(const Edition& edition, const Account& buyer) const;

  /// Whether there is one for this buyer. Refused with, in this order: sold_out (with the facts),
  /// account_limit_reached.
  Status can_take(const Edition& edition, AccountId buyer) const;
  /// The second half of it. Refused with account_limit_reached.
  Status is_below_cap(const Edition& edition, AccountId buyer) const;

  /// Sells one of what is left, or of what is reserved. Returns its serial number, 0 if unlimited.
  std::int64_t sell(const Edition& edition, AccountId buyer, bool from_reservation);
  /// A sale is undone: the gift is left again, its number free.
  void take_back(const Edition& edition, AccountId buyer, std::int64_t serial);

  /// Keeps one for an account.
  void reserve(const Edition& edition, AccountId account);
  /// A reservation ends unused: the gift is left again.
  void end_reservation(const Edition& edition, AccountId account);
  /// A sold-out edition is on sale again.
  void reopen(const Edition& edition);

  /// Somebody joins the waiting list; returns the number of their place.
  std::int64_t wait(const Edition& edition);
  /// Somebody leaves it.
  void stop_waiting(const Edition& edition);

 private:
  void count(const Edition& edition, AccountId account, std::int64_t bought, std::int64_t reserved);

  Tables tables_;
  std::uint32_t stamp_;
  Instant now_;
};

/// When `buyer` may begin to buy `edition`: earlier for older accounts if the edition says so.
Instant opens_for(const Edition& edition, const Account& buyer);

/// The refusal of a late buyer, with the facts that are the same for everybody.
Error sold_out_error(const Edition& edition);

}  // namespace stardrop::ledger
