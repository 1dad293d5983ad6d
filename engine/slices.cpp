// Slices of stock: when a node of several takes one, and when one goes back.
#include <algorithm>
#include <map>

#include "engine/executor.h"
#include "ledger/stock.h"

namespace stardrop::engine {
namespace {

/// From so many sales of one edition in a batch on, nodes would wait for each other at its row.
constexpr std::int64_t kHotSales = 8;

Request of_engine(market::AnyCommand command) {
  Request out;
  out.command = std::move(command);
  return out;
}

}  // namespace

/// By what was seen of editions and slices before: whether it is so shows when they are locked.
void Executor::plan_leases(std::span<const Request> requests) {
  const std::int64_t writers = store_.writers();
  if (writers < 2) return;
  std::map<EditionId, std::int64_t> sales;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto* const gift = std::get_if<market::SendGift>(&requests[i].command);
    if (gift != nullptr && !is_turned_away(i)) ++sales[gift->edition];
  }
  const std::int64_t lane = head_.lane;
  for (const auto& [edition, count] : sales) {
    if (count < kHotSales) continue;
    const auto* const own = state_.table<ledger::StockSlice>().peek({edition.value(), lane});
    if (own != nullptr && own->unsold() >= count) continue;
    const auto* const known = state_.table<ledger::Edition>().peek(edition);
    if (known == nullptr) continue;
    const std::int64_t least = std::min(count, ledger::kSliceMax);
    if (ledger::Stock::slice_size(*known, writers, least) == 0) continue;
    leases_.push_back({edition, lane, least, writers});
  }
}

/// Takes the slice that was planned for, once there is nothing left of the one before. If it is
/// refused the sale is one from the edition's own row, which is locked by now.
void Executor::lease_for(const Request& request) {
  const auto* const gift = std::get_if<market::SendGift>(&request.command);
  if (gift == nullptr) return;
  const auto planned = std::ranges::find(leases_, gift->edition, &market::LeaseStock::edition);
  if (planned == leases_.end()) return;
  const auto* const own =
      state_.table<ledger::StockSlice>().peek({planned->edition.value(), planned->lane});
  if (own != nullptr && own->unsold() > 0) return;
  Request lease = of_engine(*planned);
  leases_.erase(planned);
  static_cast<void>(execute_one(lease, UsedKey()));
}

/// What the command that comes next needs, as operations of their own before it.
Status Executor::settle_slices() {
  for (const market::SlicesNeeded& needed : std::exchange(slices_needed_, {})) {
    Request request = of_engine(market::SettleStock{needed.edition, std::nullopt, needed.whole});
    if (Outcome settled = execute_one(request, UsedKey()); !settled) {
      return std::move(settled).error();
    }
  }
  return done();
}

/// A slice that is sold is settled between batches, unless another one follows it: the last sale of
/// all may be among its.
void Executor::note_dry_slices() {
  state_.table<ledger::StockSlice>().for_each_change([this](const auto& change) {
    if (change.key.second != std::int64_t{head_.lane}) return;
    if (change.after != nullptr && change.after->unsold() == 0) {
      unsettled_.insert(change.key);
    } else {
      unsettled_.erase(change.key);
    }
  });
}

/// What can't be done now is done the next time.
void Executor::settle_unsettled() {
  if (const auto abandoned = store_.abandoned_slices()) {
    unsettled_.insert(abandoned->begin(), abandoned->end());
  }
  if (unsettled_.empty()) return;
  const std::vector<PairKey> keys(unsettled_.begin(), unsettled_.end());
  std::vector<Request> requests;
  for (const PairKey& key : keys) {
    const bool is_own = key.second == std::int64_t{head_.lane};
    requests.push_back(of_engine(market::SettleStock{EditionId(key.first), key.second, !is_own}));
  }
  std::vector<Outcome> outcomes;
  execute(requests, outcomes);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (outcomes[i].ok()) unsettled_.erase(keys[i]);
  }
}

}  // namespace stardrop::engine
