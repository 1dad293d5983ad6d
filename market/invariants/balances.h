// Invariant: no account spends what it doesn't have or what is set aside.
#pragma once

#include <string_view>

#include "ledger/account.h"
#include "ledger/hold.h"
#include "market/command.h"

namespace stardrop::market {

/// 0 ≤ held ≤ posted for everybody but the issuer and the receivables; what is owed and what is
/// reversible is never negative; holds changed by exactly what `held` did; what is owed is the
/// receivables' negative balance.
class BalancesAreCovered {
 public:
  static constexpr std::string_view kName = "balances_are_covered";

  void visit(const ledger::Account* before, const ledger::Account* after) {
    if (after == nullptr) {  // accounts are never removed
      broken_ = true;
      return;
    }
    const ledger::Account none;
    const ledger::Account& was = before != nullptr ? *before : none;
    held_ += after->held.units() - was.held.units();
    grams_held_ += after->grams_held.units() - was.grams_held.units();
    owed_ += after->owed.units() - was.owed.units();
    if (after->id == ledger::kReceivables) {
      owed_ += after->posted.units() - was.posted.units();
    }
    if (after->id == ledger::kIssuer || after->id == ledger::kReceivables) {
      broken_ = broken_ || after->posted.is_positive();
      return;
    }
    broken_ = broken_ || after->held.is_negative() || after->available().is_negative() ||
              after->grams_held.is_negative() || after->grams_available().is_negative() ||
              after->owed.is_negative() || after->reversible.is_negative() ||
              after->reversible > after->posted;
  }
  void visit(const ledger::Hold* before, const ledger::Hold* after) {
    if (after == nullptr) {
      broken_ = true;
      return;
    }
    const std::int64_t was = before != nullptr ? open_amount(*before) : 0;
    const std::int64_t change = open_amount(*after) - was;
    (after->currency == Currency::XTR ? held_ : grams_held_) -= change;
    broken_ = broken_ || after->amount <= 0;
  }
  bool holds(Effect) const { return !broken_ && held_ == 0 && grams_held_ == 0 && owed_ == 0; }

 private:
  static std::int64_t open_amount(const ledger::Hold& hold) {
    return hold.state == ledger::HoldState::open ? hold.amount : 0;
  }

  std::int64_t held_ = 0;
  std::int64_t grams_held_ = 0;
  std::int64_t owed_ = 0;
  bool broken_ = false;
};

}  // namespace stardrop::market
