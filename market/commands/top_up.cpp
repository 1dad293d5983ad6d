// Stars come into circulation.
#include "market/commands/top_up.h"

#include "market/rules/payment.h"

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

void TopUp::prefetch(Prefetch& rows) const { prefetch_payment(rows, account, provider, reference); }

Result<TopUp::Reply> TopUp::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());
  STARDROP_TRY_ASSIGN(const ledger::Account owner, context.own_account(account));
  STARDROP_TRY_ASSIGN(const ledger::TopUp row,
                      book_payment(context, {owner, stars, provider, reference, reversible_until}));
  return Reply{row.id, account, stars, row.state, row.reversible_until};
}

}  // namespace stardrop::market
