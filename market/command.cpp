// What apply sees, put together from the tables.
#include "market/command.h"

namespace stardrop::market {

Context::Context(State& state,
                 std::uint32_t stamp,
                 const Caller& the_caller,
                 OpId the_op,
                 Instant the_now,
                 std::uint64_t seed,
                 std::vector<Event>& events) noexcept
    : caller(the_caller),
      op(the_op),
      now(the_now),
      random(seed),
      state_(state),
      stamp_(stamp),
      ids_(the_op),
      events_(events),
      book({state.table<ledger::Account>(), state.table<ledger::Transfer>(),
            state.table<ledger::Lots>(), state.table<ledger::Funding>(),
            state.table<ledger::Hold>()},
           stamp,
           the_now,
           ids_),
      stock({state.table<ledger::Edition>(), state.table<ledger::Tally>(),
             state.table<ledger::FreeSerial>(), state.table<ledger::StockSlice>()},
            stamp,
            the_now,
            ledger::node_of(the_op)) {}

const RuleSettings& Context::settings() const {
  static const RuleSettings defaults;
  const RuleSettings* const row = state_.table<RuleSettings>().peek(1);
  return row != nullptr ? *row : defaults;
}

Status Context::only_operator() const {
  if (caller.is_operator()) return done();
  return ErrorCode::forbidden;
}

Status Context::not_for_users() const {
  if (caller.kind != CallerKind::user) return done();
  return ErrorCode::forbidden;
}

Result<ledger::Account> Context::any_own_account(AccountId id) const {
  auto account = find<ledger::Account>(id);
  const bool engines = id == ledger::kIssuer || id == ledger::kReceivables;
  if (!account || engines || !caller.may_act_for(*account)) {
    return Error(ErrorCode::account_not_found).with("account", id.text());
  }
  return *std::move(account);
}

Result<ledger::Account> Context::own_account(AccountId id) const {
  auto account = any_own_account(id);
  if (account && account->erased) return ErrorCode::account_erased;
  return account;
}

Result<ledger::Account> Context::receiver(AccountId id) const {
  auto account = find<ledger::Account>(id);
  if (!account || ledger::is_system_account(id)) {
    return Error(ErrorCode::account_not_found).with("account", id.text());
  }
  if (account->erased) return ErrorCode::account_erased;
  return *std::move(account);
}

}  // namespace stardrop::market
