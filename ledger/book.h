// The only code that changes a balance.
//
// Every movement is one transfer with two sides, so the sum over all accounts stays zero. Stars
// that can still be taken back are followed by lot (lots.h).
#pragma once

#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "base/time.h"
#include "ledger/account.h"
#include "ledger/funding.h"
#include "ledger/hold.h"
#include "ledger/ids.h"
#include "ledger/lots.h"
#include "ledger/transfer.h"

namespace stardrop::ledger {

/// A movement to be made.
struct Posting {
  AccountId debit{};
  AccountId credit{};
  Currency currency = Currency::XTR;
  std::int64_t amount = 0;  // microstars or nanograms, more than 0
  TransferReason reason = TransferReason::top_up;
  std::int64_t subject = 0;
  TransferId refunds{};
  /// The payment whose Stars go first, if any of them are left; else final Stars go first.
  TopUpId first_lot{};
};

/// What a movement did.
struct Posted {
  TransferId transfer;
  /// Until when a payment behind the moved Stars can be taken back; absent if all were final.
  Instant reversible_until;
  /// What is available to the debited account afterwards, in smallest units.
  std::int64_t available = 0;
};

/// Works on tables whose rows the command has declared. Refuses before it writes.
class Book {
 public:
  struct Tables {
    Table<Account>& accounts;
    Table<Transfer>& transfers;
    Table<Lots>& lots;
    Table<Funding>& fundings;
    Table<Hold>& holds;
  };

  Book(Tables tables, std::uint32_t stamp, Instant now, IdSource& ids) noexcept
      : tables_(tables), stamp_(stamp), now_(now), ids_(ids) {}

  /// Names the rows `post` reads. `want(key)` declares a row and returns it or null.
  template <class Rows>
  static void prefetch(Rows& rows, AccountId debit, AccountId credit) {
    const Account* const from = rows.template want<Account>(debit);
    const Account* const to = rows.template want<Account>(credit);
    const bool lots_move = from != nullptr && from->reversible.is_positive();
    if (lots_move) rows.template want<Lots>(debit);
    if (lots_move || (to != nullptr && to->owed.is_positive())) rows.template want<Lots>(credit);
  }

  /// Names the rows `refund` reads.
  template <class Rows>
  static void prefetch_refund(Rows& rows, TransferId id) {
    const Transfer* const transfer = rows.template want<Transfer>(id);
    if (transfer == nullptr) return;
    const AccountId debit = transfer->debit;
    const AccountId credit = transfer->credit;
    rows.template want<Funding>(id);
    prefetch_lots(rows, debit);
    prefetch_lots(rows, credit);
  }

  /// Names an account and its lots: what `top_up`, `take_back` and `end_hold` read.
  template <class Rows>
  static void prefetch_lots(Rows& rows, AccountId id) {
    rows.template want<Account>(id);
    if (!is_system_account(id)) rows.template want<Lots>(id);
  }

  /// Moves money. The issuer and the receivables may go below zero, nobody else.
  /// Refused with, in this order: insufficient_funds, balance_limit_reached.
  Result<Posted> post(const Posting& posting);

  /// Whether `account` can pay `amount` now; the refusal says what is missing.
  static Status can_pay(const Account& account, Currency currency, std::int64_t amount);

  /// Gives the whole of `transfer` back to who paid it, with the lots it took, as far as whoever
  /// got them still has them and they are not final yet.
  /// Refused with, in this order: already_refunded, insufficient_funds, balance_limit_reached.
  Result<Posted> refund(const Transfer& transfer);

  /// Stars come into circulation; what the account owes is repaid from them at once.
  /// Refused with, in this order: balance_limit_reached, too_many_lots.
  Result<Posted> top_up(AccountId account, Stars stars, TopUpId top_up, Instant reversible_until);

  /// Takes Stars of a payment back from the account that got them: what is left of that lot, then
  /// whatever else is available to it, never from anybody else. What is missing is booked as owed.
  /// Returns the shortfall.
  Stars take_back(AccountId account, Stars stars, TopUpId top_up);

  /// Sets money aside. Refused with insufficient_funds.
  Status hold(Hold hold);
  /// Ends an open hold; the money is available again. What the account owes is repaid from it,
  /// unless the hold is captured: then the caller posts first and calls `repay_debt` after.
  void end_hold(Hold hold, HoldState state);

  /// Repays what the account owes from what is available to it.
  void repay_debt(AccountId id);

 private:
  Account account(AccountId id) const;
  Status can_receive(AccountId id, Currency currency, std::int64_t amount) const;
  /// Moves what can be moved. `lots` are what the payer gave of its lots.
  Posted move(const Posting& posting, const std::vector<Lot>& lots);
  /// Takes Stars out of the payer's lots: of those named in `first`, then final Stars, then the
  /// lot that becomes final soonest. Returns what was taken of lots.
  std::vector<Lot> take_lots(Account& payer, Stars stars, const std::vector<Lot>& first);
  void give_lots(Account& receiver, const std::vector<Lot>& lots);
  void put_lots(Lots lots);

  Tables tables_;
  std::uint32_t stamp_;
  Instant now_;
  IdSource& ids_;
};

}  // namespace stardrop::ledger
