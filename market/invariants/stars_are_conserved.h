// Invariant: money only moves; none comes from nowhere or goes there.
#pragma once

#include <string_view>

#include "ledger/account.h"
#include "ledger/transfer.h"
#include "market/invariants/weight.h"

namespace stardrop::market {

/// The sum of all balances, the issuer's included, doesn't change, in either currency. Only a
/// command that may issue Stars changes the issuer. Balances change by what the transfers say.
class StarsAreConserved {
  using Wide = Weighed;

 public:
  static constexpr std::string_view kName = "stars_are_conserved";

  void visit(const ledger::Account* before, const ledger::Account* after) {
    const Wide stars =
        difference(before ? before->posted.units() : 0, after ? after->posted.units() : 0);
    stars_ += stars;
    grams_ += difference(before ? before->grams_posted.units() : 0,
                         after ? after->grams_posted.units() : 0);
    const AccountId id = before ? before->id : after->id;
    if (id == ledger::kIssuer) issuer_ += stars;
    weighed_ += stars * weight_of(id.value());
  }
  void visit(const ledger::Transfer* before, const ledger::Transfer* after) {
    if (before != nullptr) {
      // The one later change a transfer knows is its refund.
      if (after == nullptr || after->amount != before->amount || after->debit != before->debit ||
          after->credit != before->credit || (before->refunded && !after->refunded)) {
        changed_ = true;
      }
      return;
    }
    if (after->amount <= 0 || after->debit == after->credit) changed_ = true;
    if (after->currency != Currency::XTR) return;
    moved_ += static_cast<Wide>(after->amount) * weight_of(after->credit.value());
    moved_ -= static_cast<Wide>(after->amount) * weight_of(after->debit.value());
  }
  bool holds(Effect allowed) const {
    if (changed_ || stars_ != 0 || grams_ != 0 || weighed_ != moved_) return false;
    if (issuer_ != 0 && !allows(allowed, Effect::issues_stars)) return false;
    return moved_ == 0 || allows(allowed, Effect::moves_stars);
  }

 private:
  static Wide difference(std::int64_t before, std::int64_t after) {
    return static_cast<Wide>(after) - before;
  }
  Wide stars_ = 0;
  Wide grams_ = 0;
  Wide issuer_ = 0;
  Wide weighed_ = 0;
  Wide moved_ = 0;
  bool changed_ = false;
};

}  // namespace stardrop::market
