// What the commands about holds have in common.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// Whether holds for this reason are placed and ended by request; the others belong to what they
/// were placed for.
constexpr bool is_held_on_request(ledger::HoldReason reason) noexcept {
  return reason == ledger::HoldReason::payment || reason == ledger::HoldReason::payout;
}

/// Names the rows of a hold. Returns it, or null.
const ledger::Hold* prefetch_hold(Prefetch& rows, HoldId id);

/// An open hold the caller may end. One whose moment has come is closed, even if the engine has
/// not got round to it. Refused with, in this order: hold_not_found, hold_closed.
Result<ledger::Hold> own_hold(const Context& context, HoldId id);

/// Ends an open hold and its timer.
void end_hold(Context& context, const ledger::Hold& hold, ledger::HoldState state);

}  // namespace stardrop::market
