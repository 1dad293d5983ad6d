// Buys the gift that was kept.
#pragma once

#include <string>
#include <vector>

#include "base/json_writer.h"
#include "market/command.h"
#include "market/text.h"

namespace stardrop::market {

/// Sells the reserved gift to the account it was kept for, which gives it to `to`. The sale may
/// have ended meanwhile: what was kept in time is kept.
///
/// It is paid from the balance; or, with `provider` and `reference`, by a payment made elsewhere:
/// the price is booked as a top-up, and these very Stars pay for the gift. A user's token can't
/// say that something was paid.
///
/// Refused with, in this order: forbidden (gifts are blocked), text_too_long, text_invalid,
/// invalid_value (one of provider and reference is missing), command_expired,
/// reservation_not_found (also if it is not for `from`), account_erased (buyer), same_account (the
/// house buys), reservation_closed, account_not_found, account_erased (`to`),
/// limited_gift_to_channel, premium_required, account_too_new, price_increased; with a payment:
/// forbidden (a user asks, or purchases are blocked), account_in_debt (the payment would go there),
/// already_reversed (the payment was taken back before it came), reference_used,
/// balance_limit_reached, too_many_lots; from the balance: insufficient_funds.
struct UseReservation {
  static constexpr std::string_view kName = "use_reservation";
  static constexpr std::uint16_t kCode = 19;
  static constexpr Effect kEffects =
      Effect::issues_stars | Effect::moves_stars | Effect::creates_gifts | Effect::changes_stock;

  ReservationId reservation;
  AccountId from;
  AccountId to;
  Stars max_price;
  std::string provider;
  std::string reference;
  Instant reversible_until;
  std::string text;
  std::vector<Entity> entities;
  bool hide_name = false;
  Instant expires_at;
  Bytes words;

  struct Reply {
    GiftId gift;
    EditionId edition;
    std::int64_t serial = 0;
    Stars paid;
    TopUpId top_up;
    Instant reversible_until;
    Stars available;
    static constexpr auto fields() {
      return std::tuple(
          field("gift", &Reply::gift, "The gift."),
          field("edition", &Reply::edition, "Its edition."),
          field("serial", &Reply::serial, "Its number; 0 if unlimited."),
          field("paid", &Reply::paid, "What it cost."),
          field("top_up", &Reply::top_up, "The payment made elsewhere, if there was one."),
          field("reversible_until", &Reply::reversible_until,
                "Until when a payment behind it can be taken back."),
          field("available", &Reply::available, "What the buyer has left."));
    }
  };

  static constexpr auto fields() {
    using U = UseReservation;
    return std::tuple(
        field("reservation", &U::reservation, "The reservation."),
        field("from", &U::from, "Who buys: the account it was kept for."),
        field("to", &U::to, "Who gets the gift."),
        field("max_price", &U::max_price, "Most whole Stars the buyer agrees to pay.")
            .between(1, 1'000'000'000'000)
            .like("25"),
        field("provider", &U::provider, "Who was paid elsewhere.").at_most(64).or_default(),
        field("reference", &U::reference, "The provider's id of the payment.")
            .at_most(255)
            .or_default(),
        field("reversible_until", &U::reversible_until, "Until when it can be taken back.")
            .or_default(),
        field("text", &U::text, "Words to go with it; personal data, kept sealed.")
            .at_most(16'384)
            .or_default(),
        field("entities", &U::entities, "Styled parts of the text.")
            .at_most(kEntitiesMax)
            .or_default(),
        field("hide_name", &U::hide_name, "Whether only the receiver sees who gave it.")
            .or_default(),
        field("expires_at", &U::expires_at, "From then on the request is refused.").or_default(),
        field("words", &U::words, "Text and entities, sealed.").as_internal());
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  void seal(Sealer& sealer, OpId op);
  Result<Reply> apply(Context& context) const;
  /// The JSON members of a success: the gift as `GET /v1/gifts/{id}` begins.
  void answer(JsonWriter& out, const Reply& reply) const;
};

}  // namespace stardrop::market
