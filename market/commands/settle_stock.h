// Counts what slices of an edition have sold, or calls them in.
#pragma once

#include <optional>

#include "market/command.h"

namespace stardrop::market {

/// The engine asks for it before a command that needs to know what is left, or needs it; when a
/// node has sold its slice; and when the node of a slice is gone. Whoever settles the last sale
/// says that the edition is sold out.
///
/// Refused with, in this order: forbidden (only the engine itself asks), edition_not_found.
struct SettleStock {
  static constexpr std::string_view kName = "settle_stock";
  static constexpr std::uint16_t kCode = 27;
  static constexpr Effect kEffects = Effect::changes_stock;

  EditionId edition;
  std::optional<std::int64_t> lane{};
  bool whole = false;

  struct Reply {
    std::int64_t sold = 0;
    std::int64_t returned = 0;
    static constexpr auto fields() {
      return std::tuple(field("sold", &Reply::sold, "Sales that were counted."),
                        field("returned", &Reply::returned, "Gifts that came back."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("edition", &SettleStock::edition, "Of which edition."),
        field("lane", &SettleStock::lane, "Only the slice of this lane; null is all of them.")
            .between(0, 127)
            .or_default(),
        field("whole", &SettleStock::whole, "Whether what was not sold comes back.").or_default());
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
