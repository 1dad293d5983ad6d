// An account with its balances.
#include "api/queries/account.h"

namespace stardrop::api {

Result<ledger::Account> find_own_account(QueryContext& context, std::string_view text) {
  std::optional<AccountId> id = AccountId::parse(text);
  if (text == "house") id = ledger::kHouse;
  if (text == "issuer") id = ledger::kIssuer;
  if (text == "receivables") id = ledger::kReceivables;
  if (!id) return Error(ErrorCode::invalid_id).param("account");
  const auto* const row = context.rows.find<ledger::Account>(*id);
  if (row == nullptr || !context.caller.may_act_for(*row)) return ErrorCode::account_not_found;
  return *row;
}

std::optional<std::string> name_of_account(QueryContext& context, AccountId account) {
  const auto* const profile = context.rows.find<ledger::Profile>(account);
  if (profile == nullptr) return std::nullopt;
  const std::string sealed = profile->name.data;
  return context.rows.open(account, "name", sealed);
}

Result<GetAccount::Reply> GetAccount::read(QueryContext& context) const {
  STARDROP_TRY_ASSIGN(const ledger::Account row, find_own_account(context, account));
  return AccountView::of(row, name_of_account(context, row.id));
}

}  // namespace stardrop::api
