// GET /v1/reservations/{reservation} and GET /v1/editions/{edition}/waitlist
#pragma once

#include "api/query_route.h"
#include "api/views.h"
#include "ledger/reservation.h"

namespace stardrop::api {

/// A reservation and where it stands.
struct GetReservation {
  ReservationId reservation;
  struct Reply {
    ReservationId id;
    EditionId edition;
    AccountId account;
    ledger::ReservationSource source = ledger::ReservationSource::checkout;
    ledger::ReservationState state = ledger::ReservationState::open;
    Instant expires_at;
    GiftId gift;
    Instant created;
    static constexpr auto fields() {
      return std::tuple(field("id", &Reply::id, "The reservation."),
                        field("edition", &Reply::edition, "The edition."),
                        field("account", &Reply::account, "Who may buy."),
                        field("source", &Reply::source, "checkout or waitlist."),
                        field("state", &Reply::state, "Where it stands."),
                        field("expires_at", &Reply::expires_at, "When the stock goes on."),
                        field("gift", &Reply::gift, "The gift it was used for."),
                        field("created", &Reply::created, "When it was made."));
    }
  };
  static constexpr auto fields() {
    return std::tuple(field("reservation", &GetReservation::reservation, "The reservation."));
  }
  Result<Reply> read(QueryContext& context) const;
};

/// Where an account stands in line.
struct GetWaitlistPlace {
  EditionId edition;
  AccountId account;
  struct Reply {
    EditionId edition;
    AccountId account;
    std::int64_t position = 0;
    std::int64_t rank = 0;
    std::int64_t waiting = 0;
    static constexpr auto fields() {
      return std::tuple(
          field("edition", &Reply::edition, "The edition."),
          field("account", &Reply::account, "Who waits."),
          field("position", &Reply::position, "Number of the place, in order of arrival."),
          field("rank", &Reply::rank, "1 is next: places before it that still wait, plus one."),
          field("waiting", &Reply::waiting, "How many wait in all."));
    }
  };
  static constexpr auto fields() {
    return std::tuple(field("edition", &GetWaitlistPlace::edition, "The edition."),
                      field("account", &GetWaitlistPlace::account, "Who waits."));
  }
  Result<Reply> read(QueryContext& context) const;
};

}  // namespace stardrop::api
