// What every sale of an edition has in common, whoever asked for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "market/command.h"
#include "market/text.h"

namespace stardrop::market {

/// The part of a purchase that needs no rows. Refused with, in this order: forbidden,
/// text_too_long, text_invalid.
Status check_gift_request(const RuleSettings& settings,
                          std::string_view text,
                          const std::vector<Entity>& entities);

/// Seals the words under the sender's key and clears them; nothing to do without words.
void seal_words(Sealer& sealer,
                AccountId author,
                std::string& text,
                std::vector<Entity>& entities,
                Bytes& words);

/// Limited gifts can't be sent to channels (TDLib, sendGift). Refused with
/// limited_gift_to_channel.
Status check_receiver(const ledger::Edition& edition, const ledger::Account& receiver);

/// The house gets the price, so it can't be who pays. Refused with same_account.
Status check_buyer(const ledger::Account& buyer);

/// Refused with price_increased, which tells the price.
Status check_price(const ledger::Edition& edition, Stars max_price);

/// A gift that has left the stock and goes to its owner.
struct Handover {
  const ledger::Edition& edition;
  AccountId from;
  AccountId to;
  std::int64_t serial;
  bool hide_name;
  const Bytes& words;
  /// The payment that was made for this very gift, if there was one: its Stars are spent first.
  TopUpId payment{};
};

/// What a sale came to.
struct Sold {
  GiftId gift;
  Instant reversible_until;
  Stars available;
};

/// Takes the price, makes the gift, tells its owner, and says so once the last one is gone.
/// The buyer was asked whether they can pay.
Result<Sold> hand_over(Context& context, const Handover& sale);

}  // namespace stardrop::market
