// Publishes a gift type with its price, supply and the rules of its sale.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "market/command.h"

namespace stardrop::market {

/// What an operator decides about an edition; the same in `create_edition` and in a catalogue.
struct EditionTerms {
  std::string slug;
  std::string title;
  Stars stars;
  std::optional<std::int64_t> supply;
  std::optional<std::int64_t> per_account;
  Stars convert_stars;
  Instant sale_opens_at;
  Instant sale_ends_at;
  Instant early_opens_at;
  std::int64_t early_account_age_s = 0;
  std::int64_t account_age_s = 0;
  bool premium_only = false;
  bool birthday = false;
  AccountId publisher;
  std::vector<std::string> tags;

  static constexpr auto fields() {
    using T = EditionTerms;
    constexpr std::int64_t kCountMax = 1'000'000'000'000;
    constexpr std::int64_t kAgeMax = 1'000'000'000;
    return std::tuple(
        field("slug", &T::slug,
              "Short name for links, unique: a-z, 0-9 and -. Made of the title if left out.")
            .at_most(64)
            .or_default()
            .like("lollipop"),
        field("title", &T::title, "Its name.").at_most(256).like("Lollipop"),
        field("stars", &T::stars, "Price in whole Stars.").between(1, kCountMax).like("25"),
        field("supply", &T::supply, "How many will ever be; null or left out: unlimited.")
            .between(1, kCountMax)
            .like("500000"),
        field("per_account", &T::per_account, "How many one account may buy.")
            .between(1, kCountMax),
        field("convert_stars", &T::convert_stars, "What converting one back gives; 0: it can't be.")
            .between(0, kCountMax)
            .or_default(),
        field("sale_opens_at", &T::sale_opens_at, "Before it nobody can buy.").or_default(),
        field("sale_ends_at", &T::sale_ends_at, "From then on nobody can buy.").or_default(),
        field("early_opens_at", &T::early_opens_at, "When older accounts may begin to buy.")
            .or_default(),
        field("early_account_age_s", &T::early_account_age_s,
              "Age in seconds that makes an account an older one.")
            .between(0, kAgeMax)
            .or_default(),
        field("account_age_s", &T::account_age_s, "Least age in seconds of a buyer.")
            .between(0, kAgeMax)
            .or_default(),
        field("premium_only", &T::premium_only, "Whether only premium accounts may buy.")
            .or_default(),
        field("birthday", &T::birthday, "Whether it is shown for birthdays.").or_default(),
        field("publisher", &T::publisher, "The account that releases it.").or_default(),
        field("tags", &T::tags, "Words to find it by, at most 16.").at_most(16).or_default());
  }

  /// Checks what can be checked of the terms alone, and fills in the slug.
  /// Refused with, in this order: text_invalid, text_too_long, invalid_value,
  /// amount_out_of_range, window_invalid.
  Status check(const RuleSettings& settings) const;
  /// The slug, made of the title if none was given.
  std::string final_slug() const;
  /// Writes the terms into a row.
  void write_to(ledger::Edition& row) const;
  /// The terms of a row.
  static EditionTerms of(const ledger::Edition& row);
  /// Refused with account_not_found, account_erased (publisher).
  Status may_publish(const Context& context) const;
  /// Makes an edition of them; the slug is free. Returns its id.
  EditionId publish(Context& context) const;
};

/// Publishes an edition. With `sale_opens_at` it is announced and locked until then.
///
/// Refused with, in this order: what `EditionTerms::check` refuses, forbidden, account_not_found,
/// account_erased (publisher), slug_taken.
struct CreateEdition : EditionTerms {
  static constexpr std::string_view kName = "create_edition";
  static constexpr std::uint16_t kCode = 12;
  static constexpr Effect kEffects = Effect::changes_stock;

  struct Reply {
    EditionId id;
    std::string slug;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The edition."),
                        field("slug", &Reply::slug, "Its short name."));
    }
  };

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
