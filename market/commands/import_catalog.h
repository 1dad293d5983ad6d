// Brings a whole catalogue in.
#pragma once

#include <vector>

#include "market/commands/create_edition.h"

namespace stardrop::market {

/// Publishes and changes many editions at once, all or nothing. An entry whose slug is known
/// changes that edition to exactly these terms; the same file twice changes nothing. Editions that
/// the file doesn't name stay as they are.
///
/// Refused with, in this order: what `EditionTerms::check` refuses, slug_taken (twice in the file),
/// forbidden, account_not_found, account_erased (publisher), then what `check_change` refuses. The
/// parameter names the entry: `editions.3.supply`.
struct ImportCatalog {
  static constexpr std::string_view kName = "import_catalog";
  static constexpr std::uint16_t kCode = 14;
  static constexpr Effect kEffects = Effect::changes_stock;
  /// Most editions of one import.
  static constexpr std::size_t kEditionsMax = 10'000;

  std::vector<EditionTerms> editions;

  struct Reply {
    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    static constexpr auto fields() {
      return std::tuple(field("created", &Reply::created, "Editions that are new."),
                        field("updated", &Reply::updated, "Editions whose terms changed."),
                        field("unchanged", &Reply::unchanged, "Editions that were so before."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("editions", &ImportCatalog::editions, "The editions.").at_most(kEditionsMax));
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
