// Makes a key or a token.
#include "market/commands/create_key.h"

#include <algorithm>

#include "market/text.h"

namespace stardrop::market {

using ledger::KeyKind;
using ledger::Scope;

std::vector<Scope> scopes_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::operator_key:
      return {Scope::read,    Scope::accounts, Scope::stars, Scope::gifts,
              Scope::top_ups, Scope::catalog,  Scope::audit, Scope::keys};
    case KeyKind::app_key:
      return {Scope::read, Scope::accounts, Scope::stars, Scope::gifts, Scope::top_ups};
    case KeyKind::user_token: return {Scope::read, Scope::stars, Scope::gifts};
  }
  return {};
}

Status CreateKey::validate(const RuleSettings&) const {
  if ((kind == KeyKind::operator_key) == account.is_set()) {
    return Error(ErrorCode::invalid_value)
        .param("account")
        .detail("App keys and user tokens belong to an account, operator keys to none.");
  }
  const std::vector<Scope> most = scopes_of(kind);
  for (const Scope scope : scopes) {
    if (std::ranges::find(most, scope) == most.end()) {
      return Error(ErrorCode::invalid_value)
          .param("scopes")
          .detail("This kind of key can't have the scope " + std::string(name_of(scope)) + ".");
    }
  }
  if (!check_words(label, {}, 64)) return Error(ErrorCode::invalid_value).param("label");
  return done();
}

void CreateKey::prefetch(Prefetch& rows) const {
  if (account.is_set()) rows.want<ledger::Account>(account);
}

Result<CreateKey::Reply> CreateKey::apply(Context& context) const {
  if (account.is_set()) {
    STARDROP_TRY_ASSIGN(const ledger::Account owner, context.own_account(account));
    if (kind == KeyKind::app_key && owner.kind != ledger::AccountKind::bot) {
      return Error(ErrorCode::invalid_value)
          .param("account")
          .detail("An app key belongs to a bot account.");
    }
  }
  const bool own_token = kind == KeyKind::user_token && context.caller.kind == CallerKind::app;
  if (!context.caller.is_operator() && !own_token) return ErrorCode::forbidden;

  // From here on the command succeeds.
  ledger::AccessKey row;
  row.id = context.next_id<KeyId>();
  row.kind = kind;
  row.account = account;
  row.scopes = scopes.empty() ? scopes_of(kind) : scopes;
  row.secret_sha256 = secret_sha256;
  row.label = label;
  row.expires_at = expires_at;
  const Reply reply{row.id};
  context.put(std::move(row));
  return reply;
}

void CreateKey::answer(JsonWriter& out, const Reply& reply) const {
  out.key("id").value(reply.id);
  out.key("kind").value(kind);
  out.key("account").value(account);
  out.key("scopes").value(scopes.empty() ? scopes_of(kind) : scopes);
  out.key("label").text(label);
  out.key("expires_at").value(expires_at);
  out.key("secret").text(secret);
}

}  // namespace stardrop::market
