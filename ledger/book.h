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
  AccountId debit;
  AccountId credit;
  Currency currency = Currency::XTR;
  std::int64_t amount = 0;  // microstars or nanograms, more than 0
  TransferReason reason = TransferReason::top_up;
  std::int64_t subject = 0;
  TransferId refunds;
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

  /// Moves money. The engine's own accounts may go below zero where their kind allows it.
  /// Refused with, in this order: insufficient_funds, balance_limit_reached.
  Result<Posted> post(const Posting& posting);

  /// Whether `account` can pay `amount` now; the refusal says what is missing.
  static Status can_pay(const Account& account, Currency currency, std::int64_t amount);

  /// Gives the whole of `transfer` back to who paid it, with the lots it took.
  /// Refused with, in this order: already_refunded, insufficient_funds.
  Result<Posted> refund(const Transfer& transfer);

  /// Stars come into circulation. Refused with balance_limit_reached, too_many_lots.
  Result<Posted> top_up(AccountId account, Stars stars, TopUpId top_up, Instant reversible_until);

  /// Takes Stars of a payment back from the account that got them: what is left of that lot, then
  /// whatever else is available to it, never from anybody else. What is missing is booked as owed.
  /// Returns the shortfall.
  Result<Stars> take_back(AccountId account, Stars stars, TopUpId top_up, bool whole);

  /// Sets money aside. Refused with insufficient_funds.
  Status hold(Hold hold);
  /// Ends an open hold; the money is available again.
  void end_hold(Hold hold, HoldState state);

 private:
  Account account(AccountId id) const;
  /// Moves without asking whether the payer can. `lots` are what the payer gives of its lots.
  Result<Posted> move(const Posting& posting, const std::vector<Lot>& lots);
  std::vector<Lot> take_lots(Account& payer, Stars stars, TopUpId prefer);
  void give_lots(Account& receiver, const std::vector<Lot>& lots);
  Status repay_debt(AccountId id);

  Tables tables_;
  std::uint32_t stamp_;
  Instant now_;
  IdSource& ids_;
};

}  // namespace stardrop::ledger
