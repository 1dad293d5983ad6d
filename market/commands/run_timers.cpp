// Does what is due.
#include "market/commands/run_timers.h"

#include <map>
#include <vector>

#include "market/rules/holding.h"
#include "market/rules/reserving.h"

namespace stardrop::market {
namespace {

using ledger::Timer;
using ledger::TimerKind;

struct Due {
  std::vector<Timer> timers;
  bool more = false;
};

/// The first `limit` timers that are due at `now`.
template <class Rows>
Due due_timers(Rows& rows, Instant now, std::int64_t limit) {
  Due due;
  rows.template walk<Timer>({0, 0}, [&](const Timer& timer) {
    if (timer.due > now) return false;
    due.more = static_cast<std::int64_t>(due.timers.size()) >= limit;
    if (!due.more) due.timers.push_back(timer);
    return !due.more;
  });
  return due;
}

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
  for (const Timer& timer : due_timers(rows, rows.now, limit).timers) {
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
  const Due due = due_timers(context, context.now, limit);
  for (const Timer& timer : due.timers) {
    switch (timer.kind) {
      case TimerKind::expire_hold: expire_hold(context, HoldId(timer.subject)); break;
      case TimerKind::expire_reservation:
        expire_reservation(context, ReservationId(timer.subject));
        break;
    }
  }
  return Reply{static_cast<std::int64_t>(due.timers.size()), due.more};
}

}  // namespace stardrop::market
