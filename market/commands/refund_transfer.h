// Gives Stars back that were given or captured.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Whoever got Stars by a gift of Stars or a captured hold gives all of them back, once. Stars
/// that were not final go back as such, as far as the receiver still has them.
///
/// Refused with, in this order: transfer_not_found (also if the caller can't act for who got it),
/// not_refundable (something else than a gift of Stars or a capture), account_erased (who would
/// get it back), already_refunded, insufficient_funds.
struct RefundTransfer {
  static constexpr std::string_view kName = "refund_transfer";
  static constexpr std::uint16_t kCode = 8;
  static constexpr Effect kEffects = Effect::moves_stars;

  TransferId transfer;

  struct Reply {
    TransferId transfer;
    TransferId refunds;
    AccountId to;
    Stars stars;
    static constexpr auto fields() {
      return std::tuple(field("transfer", &Reply::transfer, "The new transfer."),
                        field("refunds", &Reply::refunds, "The one it gives back."),
                        field("to", &Reply::to, "Who got the Stars back."),
                        field("stars", &Reply::stars, "How many."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("transfer", &RefundTransfer::transfer, "The transfer to give back."));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
