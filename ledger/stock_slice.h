// A slice: a part of an edition's stock that one node sells without touching the edition's row.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// A row of the table of slices: serial numbers `first…last` of an edition, which only the node of
/// this lane sells, in their order. The edition counts them as leased until its own row learns what
/// was sold. While there is a slice, the terms of its edition don't change: whoever changes them
/// calls all slices in first, and so has to lock them.
struct StockSlice {
  using Key = PairKey;
  static constexpr std::string_view kTable = "stock_slices";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kRanged = true;
  static constexpr bool kLockedApart = true;
  static constexpr bool kHashed = true;

  EditionId edition;
  std::int64_t lane = 0;
  std::int64_t first = 1;
  std::int64_t next = 1;
  std::int64_t last = 0;
  Instant first_sale_at;
  Instant last_sale_at;

  PairKey key() const { return {edition.value(), lane}; }
  /// Sold, and not yet counted by the edition.
  std::int64_t sold() const { return next - first; }
  std::int64_t unsold() const { return last - next + 1; }
  /// What the edition counts as leased.
  std::int64_t size() const { return last - first + 1; }

  static constexpr auto fields() {
    return std::tuple(
        field("edition", &StockSlice::edition, "The edition."),
        field("lane", &StockSlice::lane, "The lane of the node that sells it."),
        field("first", &StockSlice::first, "The first number the edition has not counted."),
        field("next", &StockSlice::next, "The number that is sold next."),
        field("last", &StockSlice::last, "The last number."),
        field("first_sale_at", &StockSlice::first_sale_at, "When the first of them was sold."),
        field("last_sale_at", &StockSlice::last_sale_at, "When the latest was sold."));
  }
};

}  // namespace stardrop::ledger
