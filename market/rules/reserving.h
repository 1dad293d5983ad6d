// Reservations and the waiting list: what happens to stock that is kept, and to stock that comes
// back.
//
// Stock that comes back to a sold-out edition goes to whoever waits longest, as a reservation of
// theirs, and never silently to the fastest buyer. Only when nobody waits it is on sale again.
// So nobody ever waits while there is something to buy.
#pragma once

#include <cstdint>

#include "market/command.h"

namespace stardrop::market {

/// Names the rows that returning `count` gifts of an edition reads: the heads of the line.
void prefetch_line(Prefetch& rows, EditionId edition, std::int64_t count);

/// Gives one gift that has just come back into stock to the head of the line, or puts it back on
/// sale. `was_sold_out` tells how things stood before.
void pass_on(Context& context, EditionId edition, bool was_sold_out);

/// Names the rows of a reservation. Returns it, or null.
const ledger::Reservation* prefetch_reservation(Prefetch& rows, ReservationId id);

/// Keeps one for an account until `seconds` from now. There is one left.
ledger::Reservation open_reservation(Context& context,
                                     const ledger::Edition& edition,
                                     AccountId account,
                                     ledger::ReservationSource source,
                                     std::int64_t seconds);

/// An open reservation the caller may use or give back. One whose moment has come is closed, even
/// if the engine has not got round to it. Refused with reservation_not_found, reservation_closed.
Result<ledger::Reservation> own_reservation(const Context& context, ReservationId id);

/// Ends an open reservation. Its stock is not touched.
void close_reservation(Context& context,
                       ledger::Reservation reservation,
                       ledger::ReservationState state);

/// Ends an open reservation unused: its stock comes back.
void give_back_reservation(Context& context,
                           const ledger::Reservation& reservation,
                           ledger::ReservationState state);

/// Names the rows of an account's place in line.
void prefetch_place(Prefetch& rows, EditionId edition, AccountId account);

/// Takes an account out of the line of an edition; false if it isn't there.
bool leave_line(Context& context, EditionId edition, AccountId account);

/// The rank of a place in line: 1 + the number of places before it that are still taken. Exact;
/// it walks them, so it costs as much as the rank says, at most `waitlist_max`.
template <class Rows>
std::int64_t rank_in_line(Rows& rows, EditionId edition, std::int64_t position) {
  std::int64_t rank = 1;
  rows.template walk<ledger::WaitlistPlace>(
      {edition.value(), 0}, [&](const ledger::WaitlistPlace& place) {
        if (place.edition != edition || place.position >= position) return false;
        ++rank;
        return true;
      });
  return rank;
}

}  // namespace stardrop::market
