// Looking holds up and ending them.
#include "market/rules/holding.h"

namespace stardrop::market {

using ledger::Hold;
using ledger::HoldState;
using ledger::Timer;

const Hold* prefetch_hold(Prefetch& rows, HoldId id) {
  const Hold* const found = rows.want<Hold>(id);
  if (found == nullptr) return nullptr;
  ledger::Book::prefetch_lots(rows, found->account);
  if (found->state == HoldState::open) rows.want<Timer>({found->expires_at.us, id.value()});
  return found;
}

Result<Hold> own_hold(const Context& context, HoldId id) {
  auto row = context.find<Hold>(id);
  if (!row || !is_held_on_request(row->reason) || !context.any_own_account(row->account)) {
    return ErrorCode::hold_not_found;
  }
  if (row->state != HoldState::open || context.now >= row->expires_at) {
    const HoldState state = row->state == HoldState::open ? HoldState::expired : row->state;
    return Error(ErrorCode::hold_closed)
        .with("state", std::string(name_of(state)))
        .with("expired_at", rfc3339(row->expires_at));
  }
  return *std::move(row);
}

void end_hold(Context& context, const Hold& hold, HoldState state) {
  context.erase<Timer>({hold.expires_at.us, hold.id.value()});
  context.book.end_hold(hold, state);
}

}  // namespace stardrop::market
