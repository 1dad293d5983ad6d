// An edition: a gift type with its price, its supply and the rules of its sale.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// A row of the table of editions. `left = supply − sold − reserved`; it never goes below 0. What
/// nodes have taken as slices (stock_slice.h) is `leased`: some of it may be sold, and is counted
/// in `sold` when the slice is settled.
struct Edition {
  using Key = EditionId;
  static constexpr std::string_view kTable = "editions";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kHashed = true;

  EditionId id;
  std::string slug;
  std::string title;
  Stars stars;
  Stars convert_stars;
  std::optional<std::int64_t> supply;
  std::optional<std::int64_t> per_account;
  Instant sale_opens_at;
  Instant sale_ends_at;
  Instant early_opens_at;
  std::int64_t early_account_age_s = 0;
  std::int64_t account_age_s = 0;
  bool premium_only = false;
  bool birthday = false;
  AccountId publisher;
  std::vector<std::string> tags;
  std::int64_t sold = 0;
  std::int64_t reserved = 0;
  std::int64_t serials_used = 0;
  std::int64_t serials_free = 0;
  Instant first_sale_at;
  Instant last_sale_at;
  Instant sold_out_at;
  std::int64_t waitlist_last = 0;
  std::int64_t waiting = 0;
  std::int64_t version = 0;
  std::int64_t leased = 0;

  EditionId key() const { return id; }
  bool limited() const { return supply.has_value(); }
  /// Gifts that were neither sold nor reserved, as far as the row knows; meaningless for an
  /// unlimited edition.
  std::int64_t left() const { return supply.value_or(0) - sold - reserved; }
  /// Those of them that no slice has.
  std::int64_t unleased() const { return left() - leased; }
  bool sold_out() const { return limited() && left() == 0; }

  static constexpr auto fields() {
    return std::tuple(
        field("id", &Edition::id, "The edition."),
        field("slug", &Edition::slug, "Its short name, unique, for links and imports."),
        field("title", &Edition::title, "Its name."),
        field("stars", &Edition::stars, "Price in whole Stars."),
        field("convert_stars", &Edition::convert_stars, "What converting one back gives."),
        field("supply", &Edition::supply, "How many will ever be; null is unlimited."),
        field("per_account", &Edition::per_account, "How many one account may buy."),
        field("sale_opens_at", &Edition::sale_opens_at, "Before it nobody can buy."),
        field("sale_ends_at", &Edition::sale_ends_at, "From then on nobody can buy."),
        field("early_opens_at", &Edition::early_opens_at, "When older accounts may begin to buy."),
        field("early_account_age_s", &Edition::early_account_age_s,
              "Age in seconds that makes an account an older one."),
        field("account_age_s", &Edition::account_age_s, "Least age in seconds of a buyer."),
        field("premium_only", &Edition::premium_only, "Whether only premium accounts may buy."),
        field("birthday", &Edition::birthday, "Whether it is shown for birthdays."),
        field("publisher", &Edition::publisher, "The account that released it."),
        field("tags", &Edition::tags, "Words to find it by."),
        field("sold", &Edition::sold, "Gifts sold and not refunded."),
        field("reserved", &Edition::reserved, "Gifts kept for open reservations."),
        field("serials_used", &Edition::serials_used, "Highest serial number given."),
        field("serials_free", &Edition::serials_free, "Serial numbers that came back."),
        field("first_sale_at", &Edition::first_sale_at, "When the first was sold."),
        field("last_sale_at", &Edition::last_sale_at, "When the latest was sold."),
        field("sold_out_at", &Edition::sold_out_at, "When the last of the supply was sold."),
        field("waitlist_last", &Edition::waitlist_last, "Highest position ever given."),
        field("waiting", &Edition::waiting, "Accounts on the waiting list."),
        field("version", &Edition::version, "Grows with every change."),
        field("leased", &Edition::leased, "In slices, sold or not."));
  }
};

/// A short name that is taken; keyed by its digest.
struct EditionSlug {
  using Key = PairKey;
  static constexpr std::string_view kTable = "edition_slugs";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  std::int64_t digest_high = 0;
  std::int64_t digest_low = 0;
  EditionId edition;

  PairKey key() const { return {digest_high, digest_low}; }

  static constexpr auto fields() {
    return std::tuple(
        field("digest_high", &EditionSlug::digest_high, "First half of the slug's digest."),
        field("digest_low", &EditionSlug::digest_low, "Second half."),
        field("edition", &EditionSlug::edition, "The edition that has it."));
  }
};

/// The key of a slug.
PairKey slug_key(std::string_view slug);

/// How many of an edition one account has bought or reserved, for the cap per account.
struct Tally {
  using Key = PairKey;
  static constexpr std::string_view kTable = "tallies";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  EditionId edition;
  AccountId account;
  std::int64_t bought = 0;
  std::int64_t reserved = 0;

  PairKey key() const { return {edition.value(), account.value()}; }

  static constexpr auto fields() {
    return std::tuple(field("edition", &Tally::edition, "The edition."),
                      field("account", &Tally::account, "The buyer."),
                      field("bought", &Tally::bought, "Bought, for anyone, and not refunded."),
                      field("reserved", &Tally::reserved, "In open reservations."));
  }
};

/// A serial number that came back with a refund: the next sale of the edition gets the lowest.
struct FreeSerial {
  using Key = PairKey;
  static constexpr std::string_view kTable = "free_serials";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kRanged = true;
  static constexpr bool kHashed = true;

  EditionId edition;
  std::int64_t serial = 0;

  PairKey key() const { return {edition.value(), serial}; }

  static constexpr auto fields() {
    return std::tuple(field("edition", &FreeSerial::edition, "The edition."),
                      field("serial", &FreeSerial::serial, "The number nobody has."));
  }
};

}  // namespace stardrop::ledger
