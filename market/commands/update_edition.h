// Changes the terms of an edition.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "market/command.h"

namespace stardrop::market {

/// Changes what is given; the rest stays. Buyers are safe from a price that rises meanwhile: each
/// has named the most they pay. A moment is taken away with 1970-01-01T00:00:00Z. What can't be
/// changed is told in `check_change`: above all, a supply never grows.
///
/// Refused with, in this order: forbidden, edition_not_found, what `EditionTerms::check` refuses,
/// invalid_value, amount_out_of_range (supply).
struct UpdateEdition {
  static constexpr std::string_view kName = "update_edition";
  static constexpr std::uint16_t kCode = 13;
  static constexpr Effect kEffects = Effect::changes_stock;

  EditionId edition;
  std::optional<std::string> title;
  std::optional<Stars> stars;
  std::optional<std::int64_t> supply;
  std::optional<std::int64_t> per_account;
  std::optional<Stars> convert_stars;
  std::optional<Instant> sale_opens_at;
  std::optional<Instant> sale_ends_at;
  std::optional<Instant> early_opens_at;
  std::optional<std::int64_t> early_account_age_s;
  std::optional<std::int64_t> account_age_s;
  std::optional<bool> premium_only;
  std::optional<bool> birthday;
  std::optional<std::vector<std::string>> tags;

  struct Reply {
    EditionId id;
    bool changed = false;
    std::int64_t version = 0;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The edition."),
                        field("changed", &Reply::changed, "Whether anything is different now."),
                        field("version", &Reply::version, "Its version now."));
    }
  };

  static constexpr auto fields() {
    using U = UpdateEdition;
    constexpr std::int64_t kCountMax = 1'000'000'000'000;
    constexpr std::int64_t kAgeMax = 1'000'000'000;
    return std::tuple(
        field("edition", &U::edition, "The edition."),
        field("title", &U::title, "Its name.").at_most(256),
        field("stars", &U::stars, "Price in whole Stars.").between(1, kCountMax),
        field("supply", &U::supply, "A smaller supply.").between(1, kCountMax),
        field("per_account", &U::per_account, "How many one account may buy.")
            .between(1, kCountMax),
        field("convert_stars", &U::convert_stars, "What converting one back gives; 0: it can't be.")
            .between(0, kCountMax),
        field("sale_opens_at", &U::sale_opens_at, "Before it nobody can buy."),
        field("sale_ends_at", &U::sale_ends_at, "From then on nobody can buy."),
        field("early_opens_at", &U::early_opens_at, "When older accounts may begin to buy."),
        field("early_account_age_s", &U::early_account_age_s,
              "Age in seconds that makes an account an older one.")
            .between(0, kAgeMax),
        field("account_age_s", &U::account_age_s, "Least age in seconds of a buyer.")
            .between(0, kAgeMax),
        field("premium_only", &U::premium_only, "Whether only premium accounts may buy."),
        field("birthday", &U::birthday, "Whether it is shown for birthdays."),
        field("tags", &U::tags, "Words to find it by, at most 16.").at_most(16));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const { ledger::Stock::prefetch_terms(rows, edition); }
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
