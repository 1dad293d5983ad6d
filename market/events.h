// Events: the facts commands emit. They go out after the commit, never before.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "base/fields.h"
#include "base/id.h"
#include "base/money.h"
#include "base/time.h"

namespace stardrop::market {

/// What happened.
enum class EventKind : std::uint8_t {
  edition_created,
  edition_updated,
  edition_sold_out,
  edition_returned,
  gift_received,
  gift_refunded,
  waitlist_joined,
  waitlist_turn,
  reservation_expired,
  stars_topped_up,
  stars_received,
  top_up_reversed,
};
constexpr auto enum_names(EventKind) {
  return std::array<std::string_view, 12>{
      "edition.created",     "edition.updated", "edition.sold_out", "edition.returned",
      "gift.received",       "gift.refunded",   "waitlist.joined",  "waitlist.turn",
      "reservation.expired", "stars.topped_up", "stars.received",   "top_up.reversed"};
}

/// One fact. `account` is whom it concerns; without one it is for everybody.
struct Event {
  EventKind kind = EventKind::edition_updated;
  AccountId account{};
  EditionId edition{};
  GiftId gift{};
  ReservationId reservation{};
  std::int64_t serial = 0;
  Stars stars{};
  Instant at{};

  static constexpr auto fields() {
    return std::tuple(field("kind", &Event::kind, "What happened."),
                      field("account", &Event::account, "Whom it concerns."),
                      field("edition", &Event::edition, "The edition."),
                      field("gift", &Event::gift, "The gift."),
                      field("reservation", &Event::reservation, "The reservation."),
                      field("serial", &Event::serial, "The gift's number."),
                      field("stars", &Event::stars, "How many."), field("at", &Event::at, "When."));
  }
};

}  // namespace stardrop::market
