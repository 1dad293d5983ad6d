// Gives Stars to another account.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Moves Stars from one account to another. Stars whose payment can still be taken back stay
/// marked as such wherever they go; a reversal still asks only the account that bought them.
///
/// Refused with, in this order: forbidden (Stars can't be given away), same_account,
/// amount_out_of_range, command_expired, account_not_found, account_erased (payer, then receiver),
/// insufficient_funds, balance_limit_reached.
struct TransferStars {
  static constexpr std::string_view kName = "transfer_stars";
  static constexpr std::uint16_t kCode = 7;
  static constexpr Effect kEffects = Effect::moves_stars;

  AccountId from;
  AccountId to;
  Stars stars;
  Instant expires_at;

  struct Reply {
    TransferId transfer;
    Instant reversible_until;
    Stars available;
    static constexpr auto fields() {
      return std::tuple(field("transfer", &Reply::transfer, "The transfer."),
                        field("reversible_until", &Reply::reversible_until,
                              "Until when a payment behind it can be taken back."),
                        field("available", &Reply::available, "What the payer has left."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(
        field("from", &TransferStars::from, "Who gives."),
        field("to", &TransferStars::to, "Who gets them."),
        field("stars", &TransferStars::stars, "How many whole Stars.")
            .between(1, 1'000'000'000'000)
            .like("100"),
        field("expires_at", &TransferStars::expires_at, "From then on the request is refused.")
            .or_default());
  }

  Status validate(const RuleSettings& settings) const;
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
