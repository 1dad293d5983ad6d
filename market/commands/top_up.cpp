// Stars come into circulation.
#include "market/commands/top_up.h"

namespace stardrop::market {

Status TopUp::validate(const RuleSettings& settings) const {
  if (settings.stars_purchase_blocked) {
    return Error(ErrorCode::forbidden).with("reason", std::string("stars_purchase_blocked"));
  }
  if (stars > Stars::whole(settings.top_up_stars_max)) {
    return Error(ErrorCode::amount_out_of_range)
        .param("stars")
        .with("max", settings.top_up_stars_max);
  }
  if (provider.empty()) return Error(ErrorCode::invalid_value).param("provider");
  if (reference.empty()) return Error(ErrorCode::invalid_value).param("reference");
  return done();
}

void TopUp::prefetch(Prefetch& rows) const {
  rows.want<ledger::Payment>(ledger::payment_key(provider, reference));
  rows.want<ledger::Account>(account);
  rows.want<ledger::Lots>(account);
}

Result<TopUp::Reply> TopUp::apply(Context& context) const {
  STARDROP_TRY(context.own_account(account));
  const PairKey key = ledger::payment_key(provider, reference);
  const auto known = context.find<ledger::Payment>(key);
  if (known && known->top_up.is_set()) {
    return Error(ErrorCode::reference_used).with("top_up", known->top_up.text());
  }
  ledger::TopUp row;
  row.id = context.next_id<TopUpId>();
  row.account = account;
  row.stars = stars;
  row.provider = provider;
  row.reference = reference;
  row.reversible_until = reversible_until > context.now ? reversible_until : Instant();
  STARDROP_TRY(context.book.top_up(account, stars, row.id, row.reversible_until));

  // From here on the command succeeds.
  if (known) {
    row.reversed = std::min(known->parked, stars);
    row.state =
        row.reversed == stars ? ledger::TopUpState::reversed : ledger::TopUpState::partly_reversed;
    STARDROP_TRY(context.book.take_back(account, row.reversed, row.id, row.reversed == stars));
  }
  context.put(ledger::Payment{key.first, key.second, row.id, Stars()});
  context.emit({.kind = EventKind::stars_topped_up, .account = account, .stars = stars});
  const Reply reply{row.id, account, stars, row.state, row.reversible_until};
  context.put(std::move(row));
  return reply;
}

}  // namespace stardrop::market
