// Erases an account's personal data.
#include "market/commands/erase_account.h"

#include <algorithm>
#include <vector>

#include "market/rules/reserving.h"

namespace stardrop::market {
namespace {

using ledger::AccessKey;
using ledger::OpenReservation;
using ledger::Reservation;
using ledger::Timer;
using ledger::WaitlistMember;

/// The account's keys that still work. Declares every key.
template <class Rows>
std::vector<KeyId> working_keys(Rows& rows, AccountId account) {
  std::vector<KeyId> found;
  rows.template walk<AccessKey>(KeyId(), [&](const AccessKey& row) {
    if (row.account == account && !row.revoked) found.push_back(row.id);
    return true;
  });
  return found;
}

/// The editions the account waits for.
template <class Rows>
std::vector<EditionId> lines_of(Rows& rows, AccountId account) {
  std::vector<EditionId> found;
  rows.template walk<WaitlistMember>({account.value(), 0}, [&](const WaitlistMember& row) {
    if (row.account == account) found.push_back(row.edition);
    return row.account == account;
  });
  return found;
}

/// Its open reservations.
template <class Rows>
std::vector<ReservationId> reservations_of(Rows& rows, AccountId account) {
  std::vector<ReservationId> found;
  rows.template walk<OpenReservation>({account.value(), 0}, [&](const OpenReservation& row) {
    if (row.account == account) found.push_back(row.reservation);
    return row.account == account;
  });
  return found;
}

/// The stock goes on by the engine's next timers, like that of any reservation that expires.
void expire_now(Context& context, Reservation row) {
  context.erase<Timer>({row.expires_at.us, row.id.value()});
  row.expires_at = std::min(row.expires_at, context.now);
  context.put(Timer{row.expires_at, row.id.value(), ledger::TimerKind::expire_reservation});
  context.put(std::move(row));
}

}  // namespace

void EraseAccount::prefetch(Prefetch& rows) const {
  rows.want<ledger::Account>(account);
  rows.want<ledger::Profile>(account);
  rows.want<ledger::PersonalKey>(account);
  working_keys(rows, account);
  for (const EditionId edition : lines_of(rows, account)) prefetch_place(rows, edition, account);
  for (const ReservationId id : reservations_of(rows, account)) {
    if (const Reservation* const row = prefetch_reservation(rows, id)) {
      rows.want<Timer>({std::min(row->expires_at, rows.now).us, id.value()});
    }
  }
}

Result<EraseAccount::Reply> EraseAccount::apply(Context& context) const {
  STARDROP_TRY_ASSIGN(ledger::Account row, context.own_account(account));
  if (ledger::is_system_account(account)) return ErrorCode::forbidden;

  // From here on the command succeeds.
  Reply reply{account, row.posted, row.held, row.owed, 0};
  row.erased = true;
  row.premium = false;
  context.put(std::move(row));
  if (context.find<ledger::PersonalKey>(account)) context.erase<ledger::PersonalKey>(account);
  if (context.find<ledger::Profile>(account)) context.put(ledger::Profile{account, Bytes()});
  for (const KeyId id : working_keys(context, account)) {
    AccessKey key = *context.find<AccessKey>(id);
    key.revoked = true;
    key.label.clear();
    context.put(std::move(key));
    ++reply.keys_revoked;
  }
  for (const EditionId edition : lines_of(context, account)) leave_line(context, edition, account);
  for (const ReservationId id : reservations_of(context, account)) {
    expire_now(context, *context.find<Reservation>(id));
  }
  return reply;
}

}  // namespace stardrop::market
