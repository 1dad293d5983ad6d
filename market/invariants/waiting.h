// Invariant: a waiting list is what its edition says, and nobody waits for what is there.
#pragma once

#include <string_view>

#include "ledger/edition.h"
#include "ledger/reservation.h"
#include "ledger/timer.h"
#include "ledger/waitlist.h"
#include "market/invariants/weight.h"

namespace stardrop::market {

/// `waiting` of each edition changes by exactly the places taken and left, each with its member;
/// an edition that has something left has nobody waiting; each open reservation or hold that
/// expires has a timer, and nothing else has.
class WaitingAddsUp {
 public:
  static constexpr std::string_view kName = "waiting_adds_up";

  void visit(const ledger::Edition* before, const ledger::Edition* after) {
    const std::int64_t was = before != nullptr ? before->waiting : 0;
    if (after == nullptr) return;
    places_ += Weighed{after->waiting - was} * weight_of(after->id.value());
    broken_ = broken_ || after->waiting < 0 || (after->waiting > 0 && !after->sold_out());
  }
  void visit(const ledger::WaitlistPlace* before, const ledger::WaitlistPlace* after) {
    if (before != nullptr && after != nullptr) broken_ = true;  // a place never changes hands
    const auto& row = before != nullptr ? *before : *after;
    const std::int64_t change = after != nullptr ? 1 : -1;
    places_ -= Weighed{change} * weight_of(row.edition.value());
    members_ += Weighed{change} * weight_of(row.edition.value() ^ row.account.value());
  }
  void visit(const ledger::WaitlistMember* before, const ledger::WaitlistMember* after) {
    if (before != nullptr && after != nullptr) broken_ = true;
    const auto& row = before != nullptr ? *before : *after;
    const std::int64_t change = after != nullptr ? 1 : -1;
    members_ -= Weighed{change} * weight_of(row.edition.value() ^ row.account.value());
  }
  void visit(const ledger::Reservation* before, const ledger::Reservation* after) {
    claim(before, ledger::ReservationState::open, -1);
    claim(after, ledger::ReservationState::open, 1);
  }
  void visit(const ledger::Hold* before, const ledger::Hold* after) {
    claim(before, ledger::HoldState::open, -1);
    claim(after, ledger::HoldState::open, 1);
  }
  void visit(const ledger::Timer* before, const ledger::Timer* after) {
    if (before != nullptr) timers_ += timer_weight(before->subject, before->due);
    if (after != nullptr) timers_ -= timer_weight(after->subject, after->due);
  }
  bool holds(Effect) const { return !broken_ && places_ == 0 && members_ == 0 && timers_ == 0; }

 private:
  static Weighed timer_weight(std::int64_t subject, Instant due) {
    return weight_of(subject ^ due.us);
  }
  template <class Row, class RowState>
  void claim(const Row* row, RowState open, int sign) {
    if (row == nullptr || row->state != open || !row->expires_at.is_set()) return;
    timers_ += sign * timer_weight(row->id.value(), row->expires_at);
  }

  Weighed places_ = 0;
  Weighed members_ = 0;
  Weighed timers_ = 0;
  bool broken_ = false;
};

}  // namespace stardrop::market
