// Top-ups, transfers, holds: for those who may act for an account on either side.
#include "api/queries/money.h"

namespace stardrop::api {
namespace {

bool may_see(QueryContext& context, AccountId account) {
  const auto* const row = context.rows.find<ledger::Account>(account);
  return row != nullptr && context.caller.may_act_for(*row);
}

}  // namespace

Result<GetTopUp::Reply> GetTopUp::read(QueryContext& context) const {
  const auto* const found = context.rows.find<ledger::TopUp>(top_up);
  if (found == nullptr) return ErrorCode::top_up_not_found;
  const ledger::TopUp row = *found;
  if (!may_see(context, row.account)) return ErrorCode::top_up_not_found;
  return Reply{row.id,       row.account,          row.stars,
               row.provider, row.reference,        row.state,
               row.reversed, row.reversible_until, made_at(row.id)};
}

Result<GetTransfer::Reply> GetTransfer::read(QueryContext& context) const {
  const auto* const found = context.rows.find<ledger::Transfer>(transfer);
  if (found == nullptr) return ErrorCode::transfer_not_found;
  const ledger::Transfer row = *found;
  if (!may_see(context, row.debit) && !may_see(context, row.credit)) {
    return ErrorCode::transfer_not_found;
  }
  return Reply{row.id,
               row.reason,
               row.debit,
               row.credit,
               market::Money::of(row.currency, row.amount),
               row.refunds,
               row.refunded,
               made_at(row.id)};
}

Result<GetHold::Reply> GetHold::read(QueryContext& context) const {
  const auto* const found = context.rows.find<ledger::Hold>(hold);
  if (found == nullptr) return ErrorCode::hold_not_found;
  const ledger::Hold row = *found;
  if (!may_see(context, row.account)) return ErrorCode::hold_not_found;
  return Reply{row.id,         row.account, market::Money::of(row.currency, row.amount),
               row.reason,     row.state,   row.expires_at,
               made_at(row.id)};
}

}  // namespace stardrop::api
