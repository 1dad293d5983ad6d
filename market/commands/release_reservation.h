// Gives a reservation back.
#pragma once

#include "market/command.h"

namespace stardrop::market {

/// The gift that was kept goes to whoever waits longest, else it is on sale again. Whoever may act
/// for the account may do this, a user too: nobody has to take what they waited for.
///
/// Refused with, in this order: reservation_not_found, reservation_closed.
struct ReleaseReservation {
  static constexpr std::string_view kName = "release_reservation";
  static constexpr std::uint16_t kCode = 18;
  static constexpr Effect kEffects = Effect::changes_stock;

  ReservationId reservation;

  struct Reply {
    ReservationId reservation;
    static constexpr auto fields() {
      return std::tuple(field("reservation", &Reply::reservation, "The reservation that was."));
    }
  };

  static constexpr auto fields() {
    return std::tuple(field("reservation", &ReleaseReservation::reservation, "The reservation."));
  }

  Status validate(const RuleSettings&) const { return done(); }
  void prefetch(Prefetch& rows) const;
  Result<Reply> apply(Context& context) const;
};

}  // namespace stardrop::market
