// Changes of published editions.
#include "market/rules/edition_change.h"

#include <algorithm>
#include <tuple>

namespace stardrop::market {

using ledger::Edition;

namespace {

Error fixed(const char* name, const char* sentence) {
  return Error(ErrorCode::invalid_value).param(name).detail(sentence);
}

Status check_supply(const Edition& before, const Edition& after) {
  if (before.supply == after.supply) return done();
  if (!before.limited() || !after.limited()) {
    return Error(ErrorCode::amount_out_of_range)
        .param("supply")
        .detail("A limited edition stays limited, an unlimited one unlimited.");
  }
  const std::int64_t least = std::max(before.sold + before.reserved, before.serials_used);
  if (*after.supply >= least && *after.supply < *before.supply) return done();
  return Error(ErrorCode::amount_out_of_range)
      .param("supply")
      .detail("Supply never grows, and what was sold or reserved is not taken away.")
      .with("min", std::max<std::int64_t>(least, 1))
      .with("max", *before.supply);
}

}  // namespace

bool same_terms(const Edition& a, const Edition& b) {
  const auto terms = [](const Edition& e) {
    return std::tie(e.slug, e.title, e.stars, e.convert_stars, e.supply, e.per_account,
                    e.sale_opens_at, e.sale_ends_at, e.early_opens_at, e.early_account_age_s,
                    e.account_age_s, e.premium_only, e.birthday, e.publisher, e.tags);
  };
  return terms(a) == terms(b);
}

Status check_change(const Edition& before, const Edition& after) {
  if (before.slug != after.slug) return fixed("slug", "A slug stays what it is.");
  if (before.publisher != after.publisher) {
    return fixed("publisher", "The publisher stays who it is.");
  }
  if (before.per_account && !after.per_account) {
    return fixed("per_account", "A cap per account can be raised but not taken away.");
  }
  if (!before.per_account && after.per_account && (before.sold > 0 || before.reserved > 0)) {
    return fixed("per_account", "A cap per account can only come before the first sale.");
  }
  return check_supply(before, after);
}

void change_edition(Context& context, const Edition& before, Edition after) {
  ++after.version;
  const bool ends_now = after.sold_out() && !before.sold_out();
  if (ends_now && after.reserved == 0) after.sold_out_at = context.now;
  const EditionId id = after.id;
  const bool sold_out = after.sold_out_at.is_set() && !before.sold_out_at.is_set();
  context.put(std::move(after));
  context.emit({.kind = EventKind::edition_updated, .edition = id});
  if (sold_out) context.emit({.kind = EventKind::edition_sold_out, .edition = id});
}

}  // namespace stardrop::market
