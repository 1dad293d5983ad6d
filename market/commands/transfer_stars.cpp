// Gives Stars to another account.
#include "market/commands/transfer_stars.h"

namespace stardrop::market {

Status TransferStars::validate(const RuleSettings& settings) const {
  if (!settings.stars_gifts_enabled) {
    return Error(ErrorCode::forbidden).with("reason", std::string("stars_gifts_disabled"));
  }
  if (from == to) return Error(ErrorCode::same_account).param("to");
  if (stars > Stars::whole(settings.stars_gift_max)) {
    return Error(ErrorCode::amount_out_of_range)
        .param("stars")
        .with("max", settings.stars_gift_max);
  }
  return done();
}

void TransferStars::prefetch(Prefetch& rows) const { ledger::Book::prefetch(rows, from, to); }

Result<TransferStars::Reply> TransferStars::apply(Context& context) const {
  STARDROP_TRY(context.own_account(from));
  STARDROP_TRY(context.receiver(to));
  STARDROP_TRY_ASSIGN(const ledger::Posted posted,
                      context.book.post({.debit = from,
                                         .credit = to,
                                         .amount = stars.units(),
                                         .reason = ledger::TransferReason::stars_gift}));

  // From here on the command succeeds.
  context.emit({.kind = EventKind::stars_received, .account = to, .stars = stars});
  return Reply{posted.transfer, posted.reversible_until, Stars::units(posted.available)};
}

}  // namespace stardrop::market
