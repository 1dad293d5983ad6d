// THE list of invariants: a second opinion on every command, from the rows it changed.
#pragma once

#include <string_view>
#include <tuple>

#include "market/invariants/balances.h"
#include "market/invariants/gifts.h"
#include "market/invariants/lots.h"
#include "market/invariants/stars_are_conserved.h"
#include "market/invariants/stock.h"
#include "market/invariants/waiting.h"

namespace stardrop::market {

/// Shows each invariant every (before, after) of one command, then asks whether all hold. An
/// invariant has `visit` for the row types it cares about, `holds(allowed)`, and a name.
class InvariantCheck {
 public:
  explicit InvariantCheck(Effect allowed) noexcept : allowed_(allowed) {}

  /// Either may be null: the row came into being, or went.
  template <class Row>
  void visit(const Row* before, const Row* after) {
    std::apply([&](auto&... each) { (show(each, before, after), ...); }, invariants_);
  }

  /// The name of the first invariant that is broken; empty if all hold.
  std::string_view broken() const {
    std::string_view name;
    std::apply(
        [&](const auto&... each) {
          ((name.empty() && !each.holds(allowed_) ? void(name = each.kName) : void()), ...);
        },
        invariants_);
    return name;
  }

 private:
  template <class Invariant, class Row>
  static void show(Invariant& invariant, const Row* before, const Row* after) {
    if constexpr (requires { invariant.visit(before, after); }) invariant.visit(before, after);
  }

  Effect allowed_;
  std::tuple<StarsAreConserved,
             BalancesAreCovered,
             LotsAddUp,
             StockAddsUp,
             WaitingAddsUp,
             GiftsHaveOneOwner>
      invariants_;
};

}  // namespace stardrop::market
