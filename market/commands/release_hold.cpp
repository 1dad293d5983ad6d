// Gives up a hold.
#include "market/commands/release_hold.h"

#include "market/rules/holding.h"

namespace stardrop::market {

void ReleaseHold::prefetch(Prefetch& rows) const { prefetch_hold(rows, hold); }

Result<ReleaseHold::Reply> ReleaseHold::apply(Context& context) const {
  STARDROP_TRY(context.not_for_users());
  STARDROP_TRY_ASSIGN(const ledger::Hold row, own_hold(context, hold));

  // From here on the command succeeds.
  end_hold(context, row, ledger::HoldState::released);
  return Reply{hold, Stars::units(row.amount)};
}

}  // namespace stardrop::market
