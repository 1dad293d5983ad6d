// Invariant: there is never one gift too many.
#pragma once

#include <string_view>

#include "ledger/edition.h"
#include "ledger/reservation.h"
#include "ledger/stock_slice.h"
#include "market/command.h"
#include "market/gift.h"

namespace stardrop::market {

/// sold + reserved + leased ≤ supply; what editions and slices have sold changes by exactly the
/// gifts made and refunded, reserved by the reservations opened and ended, leased by what slices
/// have; caps per account hold; serial numbers stay within supply.
class StockAddsUp {
 public:
  static constexpr std::string_view kName = "stock_adds_up";

  void visit(const ledger::Edition* before, const ledger::Edition* after) {
    if (after == nullptr) {
      broken_ = true;
      return;
    }
    const ledger::Edition none;
    const ledger::Edition& was = before != nullptr ? *before : none;
    sold_ += after->sold - was.sold;
    reserved_ += after->reserved - was.reserved;
    leased_ += after->leased - was.leased;
    touched_ = true;
    broken_ = broken_ || after->sold < 0 || after->reserved < 0 || after->leased < 0 ||
              after->version <= was.version;
    if (after->limited()) {
      broken_ = broken_ || after->unleased() < 0 || after->serials_used > *after->supply ||
                after->serials_used - after->serials_free != after->sold + after->leased;
    }
  }
  void visit(const ledger::StockSlice* before, const ledger::StockSlice* after) {
    const ledger::StockSlice none;
    const ledger::StockSlice& was = before != nullptr ? *before : none;
    const ledger::StockSlice& is = after != nullptr ? *after : none;
    sold_ += is.sold() - was.sold();
    leased_ -= is.size() - was.size();
    touched_ = true;
    broken_ = broken_ || is.sold() < 0 || is.unsold() < 0;
  }
  void visit(const Gift* before, const Gift* after) {
    if (after == nullptr) {
      broken_ = true;
      return;
    }
    sold_ -= counts(after) - counts(before);
  }
  void visit(const ledger::Reservation* before, const ledger::Reservation* after) {
    if (after == nullptr) {
      broken_ = true;
      return;
    }
    reserved_ -= is_open(after) - is_open(before);
  }
  void visit(const ledger::Tally*, const ledger::Tally* after) {
    broken_ = broken_ || (after != nullptr && (after->bought < 0 || after->reserved < 0));
  }
  bool holds(Effect allowed) const {
    if (broken_ || sold_ != 0 || reserved_ != 0 || leased_ != 0) return false;
    return !touched_ || allows(allowed, Effect::changes_stock);
  }

 private:
  static std::int64_t counts(const Gift* gift) {
    return gift != nullptr && gift->state != GiftState::refunded ? 1 : 0;
  }
  static std::int64_t is_open(const ledger::Reservation* row) {
    return row != nullptr && row->state == ledger::ReservationState::open ? 1 : 0;
  }

  std::int64_t sold_ = 0;
  std::int64_t reserved_ = 0;
  std::int64_t leased_ = 0;
  bool touched_ = false;
  bool broken_ = false;
};

}  // namespace stardrop::market
