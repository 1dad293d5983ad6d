// A reservation: one gift of an edition kept for an account until a visible moment.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/table.h"
#include "base/time.h"

namespace stardrop::ledger {

/// Who asked for it: a checkout that pays elsewhere, or the waiting list when stock came back.
enum class ReservationSource : std::uint8_t { checkout, waitlist };
constexpr auto enum_names(ReservationSource) {
  return std::array<std::string_view, 2>{"checkout", "waitlist"};
}

/// Where it stands. Only an open one keeps stock.
enum class ReservationState : std::uint8_t { open, used, released, expired };
constexpr auto enum_names(ReservationState) {
  return std::array<std::string_view, 4>{"open", "used", "released", "expired"};
}

/// A row of the table of reservations.
struct Reservation {
  using Key = ReservationId;
  static constexpr std::string_view kTable = "reservations";
  static constexpr WritePolicy kWrite = WritePolicy::append;
  static constexpr bool kResident = false;
  static constexpr bool kOrdered = false;
  static constexpr bool kHashed = true;

  ReservationId id;
  EditionId edition;
  AccountId account;
  ReservationSource source = ReservationSource::checkout;
  ReservationState state = ReservationState::open;
  Instant expires_at;
  GiftId gift;

  ReservationId key() const { return id; }

  static constexpr auto fields() {
    return std::tuple(field("id", &Reservation::id, "The reservation."),
                      field("edition", &Reservation::edition, "The edition."),
                      field("account", &Reservation::account, "Who may buy."),
                      field("source", &Reservation::source, "Who asked for it."),
                      field("state", &Reservation::state, "Where it stands."),
                      field("expires_at", &Reservation::expires_at, "When the stock goes on."),
                      field("gift", &Reservation::gift, "The gift it was used for."));
  }
};

/// The open reservations of an account, by account and reservation.
struct OpenReservation {
  using Key = PairKey;
  static constexpr std::string_view kTable = "open_reservations";
  static constexpr WritePolicy kWrite = WritePolicy::back;
  static constexpr bool kResident = true;
  static constexpr bool kOrdered = true;
  static constexpr bool kRanged = true;
  static constexpr bool kHashed = true;

  AccountId account;
  ReservationId reservation;

  PairKey key() const { return {account.value(), reservation.value()}; }

  static constexpr auto fields() {
    return std::tuple(field("account", &OpenReservation::account, "Who may buy."),
                      field("reservation", &OpenReservation::reservation, "The reservation."));
  }
};

}  // namespace stardrop::ledger
