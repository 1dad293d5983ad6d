// A provider says that a payment was taken back.
#include "market/commands/report_reversal.h"

#include <algorithm>

#include "market/rules/payment.h"

namespace stardrop::market {

using ledger::Payment;

Status ReportReversal::validate(const RuleSettings&) const {
  if (provider.empty()) return Error(ErrorCode::invalid_value).param("provider");
  if (reference.empty()) return Error(ErrorCode::invalid_value).param("reference");
  return done();
}

void ReportReversal::prefetch(Prefetch& rows) const {
  const Payment* const known = rows.want<Payment>(ledger::payment_key(provider, reference));
  if (known == nullptr || !known->top_up.is_set()) return;
  const ledger::TopUp* const row = rows.want<ledger::TopUp>(known->top_up);
  if (row != nullptr) ledger::Book::prefetch_lots(rows, row->account);
}

Result<ReportReversal::Reply> ReportReversal::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());
  const auto known = context.find<Payment>(ledger::payment_key(provider, reference));
  if (!known || !known->top_up.is_set()) return park(context);
  ledger::TopUp row = *context.find<ledger::TopUp>(known->top_up);
  if (!context.any_own_account(row.account)) return ErrorCode::top_up_not_found;
  STARDROP_TRY_ASSIGN(const Reversal done_now, reverse_payment(context, std::move(row), stars));
  return Reply{false,         known->top_up,   done_now.reversed, done_now.recovered,
               done_now.owed, done_now.already};
}

Result<ReportReversal::Reply> ReportReversal::park(Context& context) const {
  Reply reply;
  reply.parked = true;
  const PairKey key = ledger::payment_key(provider, reference);
  const AccountId by =
      context.caller.kind == CallerKind::app ? context.caller.account : AccountId();
  Payment row{key.first, key.second, TopUpId(), Stars(), by};
  const auto known = context.find<Payment>(key);
  // The operator's word stands beside or above an app's, not the other way round.
  if (known && known->parked_by == by) row.parked = known->parked;
  if (known && !known->parked_by.is_set() && by.is_set()) return reply;
  const Stars more = stars.value_or(kIssuedMax);
  const Stars room = Stars::units(kIssuedMax.units() - row.parked.units());
  row.parked = Stars::units(row.parked.units() + std::min(more, room).units());
  context.put(row);
  return reply;
}

}  // namespace stardrop::market
