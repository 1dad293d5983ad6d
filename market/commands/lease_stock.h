// Gives a node a part of an edition's stock to sell by itself.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// The engine asks for it when it sells so much of an edition that nodes would wait for each other.
/// What the lane's slice sold before is counted; it must have nothing left.
///
/// Refused with, in this order: forbidden (only the engine itself asks), edition_not_found,
/// still_on_sale (the slice has something left), sold_out (too little is left for slices).
struct LeaseStock {
  static constexpr std::string_view kName = "lease_stock";
  static constexpr std::uint16_t kCode = 26;
  static constexpr Effect kEffects = Effect::changes_stock;

  EditionId edition;
  std::int64_t lane = 0;
  std::int64_t least = 1;
  std::int64_t nodes = 1;

  struct Reply {
    std::int64_t first = 0;
    std::int64_t last = 0;
    static constexpr auto fields() {
      return std::tuple(field("first", &Reply::first, "The first number of the slice."),
                        field("last", &Reply::last, "The last."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("edition", &LeaseStock::edition, "Of which edition."),
        field("lane", &LeaseStock::lane, "The lane of the node.").between(0, 127).or_default(),
        field("least", &LeaseStock::least, "How many it needs at once.")
            .between(1, ledger::kSliceMax)
            .or_default(),
        field("nodes", &LeaseStock::nodes, "How many nodes are at work.")
            .between(1, 128)
            .or_default());
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const {
    rows.want<ledger::Edition>(edition);
    rows.want<ledger::StockSlice>({edition.value(), lane});
  }
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
