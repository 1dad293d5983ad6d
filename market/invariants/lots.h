// Invariant: what an account can still lose to a reversal is what its lots say.
#pragma once

#include <string_view>

#include "ledger/account.h"
#include "ledger/lots.h"
#include "market/invariants/weight.h"

namespace stardrop::market {

/// `reversible` of each account changes by exactly what its lots do; no lot is empty, no row of
/// lots either, and none has more than allowed.
class LotsAddUp {
 public:
  static constexpr std::string_view kName = "lots_add_up";

  void visit(const ledger::Account* before, const ledger::Account* after) {
    const std::int64_t was = before != nullptr ? before->reversible.units() : 0;
    const std::int64_t is = after != nullptr ? after->reversible.units() : 0;
    if (was == is) return;
    const AccountId id = before != nullptr ? before->id : after->id;
    difference_ += Weighed{is} * weight_of(id.value());
    difference_ -= Weighed{was} * weight_of(id.value());
  }
  void visit(const ledger::Lots* before, const ledger::Lots* after) {
    const AccountId id = before != nullptr ? before->account : after->account;
    difference_ -= sum(after) * weight_of(id.value());
    difference_ += sum(before) * weight_of(id.value());
    if (after == nullptr) return;
    broken_ = broken_ || after->open.empty() || after->open.size() > ledger::kLotsMax;
    for (const ledger::Lot& lot : after->open) broken_ = broken_ || !lot.stars.is_positive();
  }
  bool holds(Effect) const { return !broken_ && difference_ == 0; }

 private:
  static Weighed sum(const ledger::Lots* row) {
    Weighed out = 0;
    if (row == nullptr) return out;
    for (const ledger::Lot& lot : row->open) out += lot.stars.units();
    return out;
  }

  Weighed difference_ = 0;
  bool broken_ = false;
};

}  // namespace stardrop::market
