// Opens an account.
#include "market/commands/create_account.h"

#include "market/money_view.h"
#include "market/text.h"

namespace stardrop::market {

Status CreateAccount::validate(const RuleSettings&) const {
  if (kind > ledger::AccountKind::channel) {
    return Error(ErrorCode::invalid_value).param("kind").detail("This is user, bot or channel.");
  }
  Status status = check_words(name, {}, kNameCharactersMax);
  if (!status) return std::move(status).error().param("name");
  return done();
}

void CreateAccount::seal(Sealer& sealer, OpId op) {
  if (name.empty()) return;
  // The account's id is the first the operation makes.
  ledger::IdSource ids(op);
  sealed_name = sealer.seal_for(ids.next<AccountId>(), "name", name);
  name.clear();
}

void CreateAccount::prefetch(Prefetch&) const {}

Result<CreateAccount::Reply> CreateAccount::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());

  // From here on the command succeeds.
  ledger::Account account;
  account.id = context.next_id<AccountId>();
  account.kind = kind;
  account.premium = premium;
  if (context.caller.kind == CallerKind::app) account.app = context.caller.account;
  const Reply reply{account.id};
  context.put(std::move(account));
  if (!sealed_name.empty()) context.put(ledger::Profile{reply.id, sealed_name});
  return reply;
}

void CreateAccount::answer(JsonWriter& out, const Reply& reply) const {
  out.key("id").value(reply.id);
  out.key("kind").value(kind);
  out.key("name").text(name);
  out.key("premium").boolean(premium);
  out.key("balances").value(Balances::of(ledger::Account{}));
}

}  // namespace stardrop::market
