// A gift somebody owns, and the words that came with it.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::market {

/// Where a regular gift stands.
enum class GiftState : std::uint8_t { received, refunded };
constexpr auto enum_names(GiftState) {
  return std::array<std::string_view, 2>{"received", "refunded"};
}

/// A row of the table of gifts.
struct Gift {
  using Key = GiftId;
  static constexpr std::string_view kTable = "gifts";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  GiftId id;
  EditionId edition;
  AccountId owner;
  AccountId from;
  std::int64_t serial = 0;
  GiftState state = GiftState::received;
  bool hide_name = false;
  bool has_text = false;
  Stars paid;
  TransferId transfer;
  Instant reversible_until;
  GiftId older;

  GiftId key() const { return id; }

  static constexpr auto fields() {
    return std::tuple(
        field("id", &Gift::id, "The gift."), field("edition", &Gift::edition, "Its edition."),
        field("owner", &Gift::owner, "Who has it."), field("from", &Gift::from, "Who bought it."),
        field("serial", &Gift::serial, "Its number in order of sale; 0 if unlimited."),
        field("state", &Gift::state, "Where it stands."),
        field("hide_name", &Gift::hide_name, "Whether only the owner sees who gave it."),
        field("has_text", &Gift::has_text, "Whether words came with it."),
        field("paid", &Gift::paid, "What it cost the buyer."),
        field("transfer", &Gift::transfer, "The transfer that paid for it."),
        field("reversible_until", &Gift::reversible_until,
              "Until when a payment behind it can be taken back; absent if it is final."),
        field("older", &Gift::older, "The gift its owner had received before it."));
  }
};

/// The words that came with a gift: text and entities, sealed under the sender's key.
struct GiftText {
  using Key = GiftId;
  static constexpr std::string_view kTable = "gift_texts";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  GiftId gift;
  AccountId author;
  Bytes text;

  GiftId key() const { return gift; }

  static constexpr auto fields() {
    return std::tuple(field("gift", &GiftText::gift, "The gift."),
                      field("author", &GiftText::author, "Whose words and whose key."),
                      field("text", &GiftText::text, "The words, sealed."));
  }
};

}  // namespace stardrop::market
