// Reservations and places in line.
#include "api/queries/reservation.h"

namespace stardrop::api {

Result<GetReservation::Reply> GetReservation::read(QueryContext& context) const {
  const auto* const found = context.rows.find<ledger::Reservation>(reservation);
  if (found == nullptr) return ErrorCode::reservation_not_found;
  const ledger::Reservation row = *found;
  const auto* const account = context.rows.find<ledger::Account>(row.account);
  if (account == nullptr || !context.caller.may_act_for(*account)) {
    return ErrorCode::reservation_not_found;
  }
  return Reply{row.id,    row.edition,    row.account, row.source,
               row.state, row.expires_at, row.gift,    made_at(row.id)};
}

Result<GetWaitlistPlace::Reply> GetWaitlistPlace::read(QueryContext& context) const {
  const auto* const row = context.rows.find<ledger::Account>(account);
  if (row == nullptr || !context.caller.may_act_for(*row)) return ErrorCode::account_not_found;
  const auto* const terms = context.rows.find<ledger::Edition>(edition);
  if (terms == nullptr) return ErrorCode::edition_not_found;
  Reply reply{edition, account, 0, 1, terms->waiting};
  const auto* const member =
      context.rows.find<ledger::WaitlistMember>({account.value(), edition.value()});
  if (member == nullptr) return ErrorCode::waitlist_entry_not_found;
  reply.position = member->position;
  context.rows.walk<ledger::WaitlistPlace>(
      {edition.value(), 0}, [&](const ledger::WaitlistPlace& place) {
        if (place.edition != edition || place.position >= reply.position) return false;
        ++reply.rank;
        return true;
      });
  return reply;
}

}  // namespace stardrop::api
