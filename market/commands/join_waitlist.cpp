// Joins the waiting list of an edition that is sold out.
#include "market/commands/join_waitlist.h"

#include "market/rules/reserving.h"

namespace stardrop::market {

void JoinWaitlist::prefetch(Prefetch& rows) const {
  rows.want<ledger::Account>(account);
  const auto* const found = ledger::Stock::prefetch(rows, edition, account);
  // Whether all is gone only the slices know.
  if (found != nullptr && found->limited() && found->unleased() <= 0) {
    ledger::Stock::prefetch_counts(rows, *found);
  }
  prefetch_place(rows, edition, account);
}

Result<JoinWaitlist::Reply> JoinWaitlist::apply(Context& context) const {
  STARDROP_TRY_ASSIGN(const ledger::Account waiter, context.own_account(account));
  const auto row = context.find<ledger::Edition>(edition);
  if (!row) return ErrorCode::edition_not_found;
  STARDROP_TRY(context.stock.may_enter(*row, waiter));
  if (!row->sold_out()) {
    Error error(ErrorCode::still_on_sale);
    if (!row->limited()) return error;
    return std::move(error).with("left", row->left());
  }
  STARDROP_TRY(context.stock.is_below_cap(*row, account));
  const auto known = context.find<ledger::WaitlistMember>({account.value(), edition.value()});
  if (known) return Error(ErrorCode::already_waiting).with("position", known->position);
  const std::int64_t most = context.settings().waitlist_max;
  if (row->waiting >= most) return Error(ErrorCode::waitlist_full).with("waitlist_max", most);

  // From here on the command succeeds.
  const std::int64_t position = context.stock.wait(*row);
  context.put(ledger::WaitlistPlace{edition, position, account, context.now});
  context.put(ledger::WaitlistMember{account, edition, position});
  context.emit({.kind = EventKind::waitlist_joined, .account = account, .edition = edition});
  // Nobody can stand behind the last in line, so the rank needs no counting.
  return Reply{edition, account, position, row->waiting + 1};
}

}  // namespace stardrop::market
