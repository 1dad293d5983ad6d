// Changes an account.
#include "market/commands/update_account.h"

#include "market/commands/create_account.h"
#include "market/text.h"

namespace stardrop::market {

Status UpdateAccount::validate(const RuleSettings&) const {
  if (!name) return done();
  Status status = check_words(*name, {}, CreateAccount::kNameCharactersMax);
  if (!status) return std::move(status).error().param("name");
  return done();
}

void UpdateAccount::seal(Sealer& sealer, OpId) {
  if (!name) return;
  renamed = true;
  if (!name->empty()) sealed_name = sealer.seal_for(account, "name", *name);
  name.reset();
}

void UpdateAccount::prefetch(Prefetch& rows) const {
  rows.want<ledger::Account>(account);
  rows.want<ledger::Profile>(account);
}

Result<UpdateAccount::Reply> UpdateAccount::apply(Context& context) const {
  STARDROP_TRY_ASSIGN(ledger::Account row, context.own_account(account));
  if (premium) STARDROP_TRY(context.not_for_users());

  // From here on the command succeeds.
  if (premium && row.premium != *premium) {
    row.premium = *premium;
    context.put(std::move(row));
  }
  const bool has_profile = context.find<ledger::Profile>(account).has_value();
  if (renamed && (has_profile || !sealed_name.empty())) {
    context.put(ledger::Profile{account, sealed_name});
  }
  return Reply{account};
}

}  // namespace stardrop::market
