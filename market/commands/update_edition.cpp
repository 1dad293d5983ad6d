// Changes the terms of an edition.
#include "market/commands/update_edition.h"

#include "market/commands/create_edition.h"
#include "market/rules/edition_change.h"

namespace stardrop::market {
namespace {

template <class T, class U>
void change(T& into, const std::optional<U>& wanted) {
  if (wanted) into = *wanted;
}

}  // namespace

Result<UpdateEdition::Reply> UpdateEdition::apply(Context& context) const {
  STARDROP_TRY(context.only_operator());
  const auto before = context.find<ledger::Edition>(edition);
  if (!before) return ErrorCode::edition_not_found;
  ledger::Edition after = *before;
  change(after.title, title);
  change(after.stars, stars);
  change(after.supply, supply);
  change(after.per_account, per_account);
  change(after.convert_stars, convert_stars);
  change(after.sale_opens_at, sale_opens_at);
  change(after.sale_ends_at, sale_ends_at);
  change(after.early_opens_at, early_opens_at);
  change(after.early_account_age_s, early_account_age_s);
  change(after.account_age_s, account_age_s);
  change(after.premium_only, premium_only);
  change(after.birthday, birthday);
  change(after.tags, tags);
  STARDROP_TRY(EditionTerms::of(after).check(context.settings()));
  STARDROP_TRY(check_change(*before, after));
  if (same_terms(*before, after)) return Reply{edition, false, before->version};

  // From here on the command succeeds.
  change_edition(context, *before, std::move(after));
  return Reply{edition, true, before->version + 1};
}

}  // namespace stardrop::market
