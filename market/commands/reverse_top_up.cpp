// Takes a payment for Stars back.
#include "market/commands/reverse_top_up.h"

#include "market/rules/payment.h"

namespace stardrop::market {

void ReverseTopUp::prefetch(Prefetch& rows) const {
  const ledger::TopUp* const row = rows.want<ledger::TopUp>(top_up);
  if (row != nullptr) ledger::Book::prefetch_lots(rows, row->account);
}

Result<ReverseTopUp::Reply> ReverseTopUp::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());
  auto row = context.find<ledger::TopUp>(top_up);
  if (!row || !context.any_own_account(row->account)) return ErrorCode::top_up_not_found;
  STARDROP_TRY_ASSIGN(const Reversal done_now, reverse_payment(context, *std::move(row), stars));
  return Reply{
      top_up,        done_now.account, done_now.state, done_now.reversed, done_now.recovered,
      done_now.owed, done_now.already};
}

}  // namespace stardrop::market
