// Buys a gift from an edition, for oneself or for somebody else.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "market/command.h"
#include "market/text.h"

namespace stardrop::market {

/// Buys one gift and gives it to `to`.
///
/// The buyer names the most they agree to pay: a dearer price is refused, a cheaper one simply
/// goes through. The whole price goes to the house. A gift bought with Stars whose payment can
/// still be taken back says so in `reversible_until`.
///
/// Refused with, in this order: forbidden (gifts are blocked), text_too_long, text_invalid,
/// command_expired, account_not_found, account_erased (buyer), same_account (the house buys),
/// account_not_found, account_erased (receiver), edition_not_found, limited_gift_to_channel,
/// sale_not_open, sale_ended, premium_required, account_too_new, sold_out, account_limit_reached,
/// price_increased, insufficient_funds.
struct SendGift {
  static constexpr std::string_view kName = "send_gift";
  static constexpr std::uint16_t kCode = 15;
  static constexpr Effect kEffects =
      Effect::moves_stars | Effect::creates_gifts | Effect::changes_stock;

  EditionId edition;
  AccountId from;
  AccountId to;
  Stars max_price;
  std::string text;
  std::vector<Entity> entities;
  bool hide_name = false;
  Instant expires_at;
  Bytes words;

  struct Reply {
    GiftId gift;
    std::int64_t serial = 0;
    Stars paid;
    Instant reversible_until;
    Stars available;
    static constexpr auto fields() {
      return std::tuple(field("gift", &Reply::gift, "The gift."),
                        field("serial", &Reply::serial, "Its number; 0 if unlimited."),
                        field("paid", &Reply::paid, "What it cost."),
                        field("reversible_until", &Reply::reversible_until,
                              "Until when a payment behind it can be taken back."),
                        field("available", &Reply::available, "What the buyer has left."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("edition", &SendGift::edition, "What to buy."),
        field("from", &SendGift::from, "Who pays."),
        field("to", &SendGift::to, "Who gets it; the same account for oneself."),
        field("max_price", &SendGift::max_price, "Most whole Stars the buyer agrees to pay.")
            .between(1, 1'000'000'000'000)
            .like("25"),
        field("text", &SendGift::text, "Words to go with it; personal data, kept sealed.")
            .at_most(16'384)
            .or_default(),
        field("entities", &SendGift::entities, "Styled parts of the text.")
            .at_most(kEntitiesMax)
            .or_default(),
        field("hide_name", &SendGift::hide_name, "Whether only the receiver sees who gave it.")
            .or_default(),
        field("expires_at", &SendGift::expires_at,
              "From then on the request is refused, so that a late retry can't surprise.")
            .or_default(),
        field("words", &SendGift::words, "Text and entities, sealed.").as_internal());
  }

  Status validate(const RuleSettings& settings) const;
  void seal(Sealer& sealer, OpId op);
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
  /// The JSON members of a success: the gift as `GET /v1/gifts/{id}` begins.
  void answer(JsonWriter& out, const Reply& reply) const;
};

}  // namespace stardrop::market
