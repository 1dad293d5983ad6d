// Does what is due.
#include "market/commands/run_timers.h"

#include <map>

#include "market/rules/holding.h"
#include "market/rules/reserving.h"

namespace stardrop::market {
namespace {

using ledger::Timer;
using ledger::TimerKind;

void expire_hold(Context& context, HoldId id) {
  end_hold(context, *context.find<ledger::Hold>(id), ledger::HoldState::expired);
}

void expire_reservation(Context& context, ReservationId id) {
  const ledger::Reservation row = *context.find<ledger::Reservation>(id);
  context.emit({.kind = EventKind::reservation_expired,
                .account = row.account,
                .edition = row.edition,
                .reservation = id});
  give_back_reservation(context, row, ledger::ReservationState::expired);
}

}  // namespace

Status RunTimers::validate(const RuleSettings&) const {
  if (limit >= 1 && limit <= 1000) return done();
  return Error(ErrorCode::invalid_value).param("limit");
}

void RunTimers::prefetch(Prefetch& rows) const {
  std::map<EditionId, std::int64_t> coming_back;
  for (const Timer& timer : timers) {
    rows.want<Timer>(timer.key());
    switch (timer.kind) {
      case TimerKind::expire_hold: prefetch_hold(rows, HoldId(timer.subject)); break;
      case TimerKind::expire_reservation:
        if (const auto* const row = prefetch_reservation(rows, ReservationId(timer.subject))) {
          ++coming_back[row->edition];
        }
        break;
    }
  }
  for (const auto& [edition, count] : coming_back) prefetch_line(rows, edition, count);
}

Result<RunTimers::Reply> RunTimers::apply(Context& context) const {
  if (context.caller.kind != CallerKind::engine) return ErrorCode::forbidden;

  // From here on the command succeeds.
  for (const Timer& timer : timers) {
    switch (timer.kind) {
      case TimerKind::expire_hold: expire_hold(context, HoldId(timer.subject)); break;
      case TimerKind::expire_reservation:
        expire_reservation(context, ReservationId(timer.subject));
        break;
    }
  }
  return Reply{static_cast<std::int64_t>(timers.size()), more};
}

}  // namespace stardrop::market
