// Stock that is kept, and stock that comes back.
#include "market/rules/reserving.h"

namespace stardrop::market {

using ledger::Edition;
using ledger::OpenReservation;
using ledger::Reservation;
using ledger::ReservationSource;
using ledger::ReservationState;
using ledger::Tally;
using ledger::Timer;
using ledger::TimerKind;
using ledger::WaitlistMember;
using ledger::WaitlistPlace;

namespace {

PairKey place_key(EditionId edition, std::int64_t position) { return {edition.value(), position}; }
PairKey member_key(AccountId account, EditionId edition) {
  return {account.value(), edition.value()};
}

}  // namespace

void prefetch_line(Prefetch& rows, EditionId edition, std::int64_t count) {
  const Edition* const found = rows.want<Edition>(edition);
  if (found == nullptr || found->waiting == 0) return;
  const bool capped = found->per_account.has_value();
  std::vector<AccountId> heads;
  rows.walk<WaitlistPlace>({edition.value(), 0}, [&](const WaitlistPlace& place) {
    if (place.edition != edition || static_cast<std::int64_t>(heads.size()) >= count) return false;
    heads.push_back(place.account);
    return true;
  });
  for (const AccountId head : heads) {
    rows.want<WaitlistMember>(member_key(head, edition));
    if (capped) rows.want<Tally>({edition.value(), head.value()});
  }
}

void pass_on(Context& context, EditionId edition, bool was_sold_out) {
  const Edition row = *context.find<Edition>(edition);
  if (!row.limited() || !was_sold_out) return;
  if (row.waiting == 0) {
    context.stock.reopen(row);
    context.emit({.kind = EventKind::edition_returned, .edition = edition});
    return;
  }
  AccountId head;
  context.walk<WaitlistPlace>({edition.value(), 0}, [&](const WaitlistPlace& place) {
    head = place.account;
    return false;
  });
  leave_line(context, edition, head);
  const Reservation turn =
      open_reservation(context, *context.find<Edition>(edition), head, ReservationSource::waitlist,
                       context.settings().waitlist_claim_s);
  context.emit({.kind = EventKind::waitlist_turn,
                .account = head,
                .edition = edition,
                .reservation = turn.id});
}

const Reservation* prefetch_reservation(Prefetch& rows, ReservationId id) {
  const Reservation* const found = rows.want<Reservation>(id);
  if (found == nullptr) return nullptr;
  rows.want<ledger::Account>(found->account);
  ledger::Stock::prefetch(rows, found->edition, found->account);
  if (found->state == ReservationState::open) {
    rows.want<OpenReservation>({found->account.value(), id.value()});
    rows.want<Timer>({found->expires_at.us, id.value()});
  }
  return found;
}

Reservation open_reservation(Context& context,
                             const Edition& edition,
                             AccountId account,
                             ReservationSource source,
                             std::int64_t seconds) {
  Reservation row;
  row.id = context.next_id<ReservationId>();
  row.edition = edition.id;
  row.account = account;
  row.source = source;
  row.expires_at = context.now.plus(Duration::seconds(seconds));
  context.stock.reserve(edition, account);
  context.put(row);
  context.put(OpenReservation{account, row.id});
  context.put(Timer{row.expires_at, row.id.value(), TimerKind::expire_reservation});
  return row;
}

Result<Reservation> own_reservation(const Context& context, ReservationId id) {
  auto row = context.find<Reservation>(id);
  if (!row || !context.any_own_account(row->account)) return ErrorCode::reservation_not_found;
  if (row->state != ReservationState::open || context.now >= row->expires_at) {
    const auto state =
        row->state == ReservationState::open ? ReservationState::expired : row->state;
    return Error(ErrorCode::reservation_closed)
        .with("state", std::string(name_of(state)))
        .with("expired_at", rfc3339(row->expires_at));
  }
  return *std::move(row);
}

void close_reservation(Context& context, Reservation reservation, ReservationState state) {
  context.erase<OpenReservation>({reservation.account.value(), reservation.id.value()});
  context.erase<Timer>({reservation.expires_at.us, reservation.id.value()});
  reservation.state = state;
  context.put(std::move(reservation));
}

void give_back_reservation(Context& context,
                           const Reservation& reservation,
                           ReservationState state) {
  close_reservation(context, reservation, state);
  const Edition edition = *context.find<Edition>(reservation.edition);
  context.stock.end_reservation(edition, reservation.account);
  pass_on(context, edition.id, edition.sold_out());
}

void prefetch_place(Prefetch& rows, EditionId edition, AccountId account) {
  rows.want<Edition>(edition);
  const WaitlistMember* const member = rows.want<WaitlistMember>(member_key(account, edition));
  if (member != nullptr) rows.want<WaitlistPlace>(place_key(edition, member->position));
}

bool leave_line(Context& context, EditionId edition, AccountId account) {
  const auto member = context.find<WaitlistMember>(member_key(account, edition));
  if (!member) return false;
  context.erase<WaitlistMember>(member->key());
  context.erase<WaitlistPlace>(place_key(edition, member->position));
  context.stock.stop_waiting(*context.find<Edition>(edition));
  return true;
}

}  // namespace stardrop::market
