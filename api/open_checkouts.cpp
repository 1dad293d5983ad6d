// How many checkouts each app keeps open.
#include "api/open_checkouts.h"

#include <algorithm>
#include <span>
#include <vector>

namespace stardrop::api {
namespace {

using ledger::Account;
using ledger::Reservation;

/// Rows that come in one round trip, where the store is elsewhere.
constexpr std::size_t kReadAtOnce = 500;

bool is_open_checkout(const Reservation& row) {
  return row.state == ledger::ReservationState::open &&
         row.source == ledger::ReservationSource::checkout;
}

/// The app that answers for an account: the one that made it, or itself.
AccountId app_of(const Account& row) { return row.app.is_set() ? row.app : row.id; }

}  // namespace

void OpenCheckouts::reset(engine::Executor& executor) {
  const std::lock_guard lock(mutex_);
  counts_.clear();
  reserved_.clear();
  std::vector<ledger::OpenReservation> all;
  executor.state().table<ledger::OpenReservation>().for_each(
      [&](const ledger::OpenReservation& each) { all.push_back(each); });
  // Behind that: of a shared store a reader takes nothing for granted.
  engine::Reader rows = executor.reader();
  for (std::size_t first = 0; first < all.size(); first += kReadAtOnce) {
    const std::span some(all.data() + first, std::min(kReadAtOnce, all.size() - first));
    for (const ledger::OpenReservation& each : some) {
      rows.want<Reservation>(each.reservation);
      rows.want<Account>(each.account);
    }
    for (const ledger::OpenReservation& each : some) {
      const Reservation* const found = rows.find<Reservation>(each.reservation);
      if (found == nullptr || !is_open_checkout(*found)) continue;
      const Reservation row = *found;
      opened(row, rows.find<Account>(row.account));
    }
  }
}

void OpenCheckouts::update(const market::State& state) {
  const auto& reservations = state.table<Reservation>();
  if (!reservations.has_changes()) return;
  const std::lock_guard lock(mutex_);
  reservations.for_each_change([&](const auto& change) {
    if (change.after == nullptr) return;  // a reservation's row is never taken away
    if (is_open_checkout(*change.after)) {
      opened(*change.after, state.table<Account>().peek(change.after->account));
      return;
    }
    const auto found = reserved_.find(change.after->id);
    if (found == reserved_.end()) return;
    const AccountId app = found->second;
    reserved_.erase(found);
    --counts_[app].open;
    drop_if_empty(app);
  });
}

void OpenCheckouts::opened(const Reservation& row, const Account* account) {
  if (account == nullptr) return;
  const AccountId app = app_of(*account);
  if (reserved_.emplace(row.id, app).second) ++counts_[app].open;
}

OpenCheckouts::Place OpenCheckouts::take(AccountId app, std::int64_t most) {
  const std::lock_guard lock(mutex_);
  Count& count = counts_[app];
  if (count.open + count.asked >= most) {
    drop_if_empty(app);
    return nullptr;
  }
  ++count.asked;
  // Only its end matters; it points at something so that it isn't null.
  return Place(static_cast<void*>(this), [this, app](void*) { give_back(app); });
}

void OpenCheckouts::give_back(AccountId app) {
  const std::lock_guard lock(mutex_);
  --counts_[app].asked;
  drop_if_empty(app);
}

void OpenCheckouts::drop_if_empty(AccountId app) {
  const auto found = counts_.find(app);
  if (found->second.open == 0 && found->second.asked == 0) counts_.erase(found);
}

std::int64_t OpenCheckouts::open(AccountId app) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(app);
  return found == counts_.end() ? 0 : found->second.open;
}

}  // namespace stardrop::api
