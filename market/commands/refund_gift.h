// Undoes a sale.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// The buyer gets the Stars back, those that were not final as such; the gift is gone. Its place
/// in the supply, with its number, goes to whoever waits longest, else it is on sale again.
///
/// Refused with, in this order: forbidden (only the operator refunds), gift_not_found,
/// already_refunded, account_erased (the buyer: nobody could use the Stars), insufficient_funds
/// (the house has spent them).
struct RefundGift {
  static constexpr std::string_view kName = "refund_gift";
  static constexpr std::uint16_t kCode = 16;
  static constexpr Effect kEffects =
      Effect::moves_stars | Effect::creates_gifts | Effect::changes_stock;

  GiftId gift;

  struct Reply {
    GiftId gift;
    TransferId transfer;
    AccountId to;
    Stars stars;
    bool passed_on = false;
    static constexpr auto fields() {
      return std::tuple(
          field("gift", &Reply::gift, "The gift that was."),
          field("transfer", &Reply::transfer, "The transfer that gave the Stars back."),
          field("to", &Reply::to, "Who got them."), field("stars", &Reply::stars, "How many."),
          field("passed_on", &Reply::passed_on, "Whether the stock went to the waiting list."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("gift", &RefundGift::gift, "The gift."));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
