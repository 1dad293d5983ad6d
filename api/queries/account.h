// GET /v1/accounts/{account}
#pragma once

#include "api/query_route.h"
#include "api/views.h"

namespace stardrop::api {

/// Finds an account for a caller: what they may not act for isn't there. `house`, `issuer` and
/// `receivables` are names an operator may use.
/// Refused with invalid_id, account_not_found.
Result<ledger::Account> find_own_account(QueryContext& context, std::string_view text);

/// The account's name, opened.
std::optional<std::string> name_of_account(QueryContext& context, AccountId account);

/// An account with its balances.
struct GetAccount {
  std::string account;
  using Reply = AccountView;
  static constexpr auto fields() {
    return std::tuple(field("account", &GetAccount::account, "The account's id, or `house`."));
  }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
