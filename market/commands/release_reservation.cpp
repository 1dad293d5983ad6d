// Gives a reservation back.
#include "market/commands/release_reservation.h"

#include "market/rules/reserving.h"

namespace stardrop::market {

void ReleaseReservation::prefetch(Prefetch& rows) const {
  const ledger::Reservation* const row = prefetch_reservation(rows, reservation);
  if (row != nullptr) prefetch_line(rows, row->edition, 1);
}

Result<ReleaseReservation::Reply> ReleaseReservation::apply(Context& context) const {
  STARDROP_TRY_ASSIGN(const ledger::Reservation row, own_reservation(context, reservation));

  // From here on the command succeeds.
  give_back_reservation(context, row, ledger::ReservationState::released);
  return Reply{reservation};
}

}  // namespace stardrop::market
