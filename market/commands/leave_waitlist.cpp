// Leaves a waiting list.
#include "market/commands/leave_waitlist.h"

#include "market/rules/reserving.h"

namespace stardrop::market {

void LeaveWaitlist::prefetch(Prefetch& rows) const {
  rows.want<ledger::Account>(account);
  prefetch_place(rows, edition, account);
}

Result<LeaveWaitlist::Reply> LeaveWaitlist::apply(Context& context) const {
  STARDROP_TRY(context.own_account(account));
  if (!leave_line(context, edition, account)) return ErrorCode::waitlist_entry_not_found;
  return Reply{edition, account};
}

}  // namespace stardrop::market
