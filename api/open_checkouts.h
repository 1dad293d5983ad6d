// How many checkouts each app keeps open, so that none can reserve a whole drop.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/id.h"
#include "engine/executor.h"
#include "market/state.h"

namespace stardrop::api {

/// Counts the open checkout reservations of each app's accounts. Written by the engine's thread
/// after each commit; asked by any. Places on waiting lists are not checkouts.
///
/// A request on its way counts like a reservation, so an app never has more than it may. For the
/// moment between its commit and its answer it counts twice: close to the limit, a burst can be
/// refused a little early. What other nodes did counts from their news on: a burst over several
/// nodes at once can pass by as much as is on its way at the others.
class OpenCheckouts {
 public:
  /// Takes over what is open in a store that was opened just now. Before the engine starts.
  void reset(engine::Executor& executor);
  /// Takes over what the batch changed. On the engine's thread.
  void update(const market::State& state);

  /// What a request for one more holds until it is answered.
  using Place = std::shared_ptr<void>;
  /// A place, if the app then has at most `most`; else null. This object must outlive it.
  Place take(AccountId app, std::int64_t most);
  /// Open reservations of the app.
  std::int64_t open(AccountId app) const;

 private:
  struct Count {
    std::int64_t open = 0;
    std::int64_t asked = 0;
  };
  void opened(const ledger::Reservation& row, const ledger::Account* account);
  void give_back(AccountId app);
  void drop_if_empty(AccountId app);

  mutable std::mutex mutex_;
  std::unordered_map<AccountId, Count> counts_;            // guarded by mutex_
  std::unordered_map<ReservationId, AccountId> reserved_;  // the open ones; guarded by mutex_
};

}  // namespace stardrop::api
