// Editions for everybody to read.
#include "engine/board.h"

#include <set>

#include "ledger/stock.h"

namespace stardrop::engine {

Board::Snapshot Board::edition(EditionId id) const {
  const auto index = index_.load();
  const auto found = index->by_id.find(id);
  return found == index->by_id.end() ? nullptr : found->second->now.load();
}

Board::Snapshot Board::edition(std::string_view slug) const {
  const auto index = index_.load();
  const auto found = index->by_slug.find(slug);
  return found == index->by_slug.end() ? nullptr : found->second->now.load();
}

std::vector<Board::Snapshot> Board::all() const {
  const auto index = index_.load();
  std::vector<Snapshot> out;
  out.reserve(index->by_id.size());
  for (const auto& [id, place] : index->by_id) out.push_back(place->now.load());
  return out;
}

void Board::set(Index& index, const ledger::Edition& row) {
  auto& place = index.by_id[row.id];
  if (!place) {
    place = std::make_shared<Place>();
    index.by_slug.emplace(row.slug, place);
  }
  place->now.store(std::make_shared<const ledger::Edition>(with_slices(row)));
}

ledger::Edition Board::with_slices(const ledger::Edition& row) const {
  std::vector<ledger::StockSlice> slices;
  const auto end = slices_.lower_bound({row.id.value() + 1, 0});
  for (auto each = slices_.lower_bound({row.id.value(), 0}); each != end; ++each) {
    slices.push_back(each->second);
  }
  return ledger::with_slices(row, slices);
}

void Board::reset(const market::State& state) {
  auto index = std::make_shared<Index>();
  slices_.clear();
  state.table<ledger::StockSlice>().for_each(
      [&](const ledger::StockSlice& slice) { slices_.emplace(slice.key(), slice); });
  state.table<ledger::Edition>().for_each([&](const ledger::Edition& row) { set(*index, row); });
  index_.store(std::move(index));
  if (const auto* const row = state.table<market::RuleSettings>().peek(1)) {
    settings_.store(std::make_shared<const market::RuleSettings>(*row));
  }
  version_.fetch_add(1, std::memory_order_release);
}

void Board::update(const market::State& state) {
  const auto& editions = state.table<ledger::Edition>();
  const auto index = index_.load();
  std::shared_ptr<Index> grown;
  std::set<EditionId> changed;
  state.table<ledger::StockSlice>().for_each_change([&](const auto& change) {
    changed.insert(EditionId(change.key.first));
    if (change.after != nullptr) {
      slices_.insert_or_assign(change.key, *change.after);
    } else {
      slices_.erase(change.key);
    }
  });
  editions.for_each_change([&](const auto& change) { changed.insert(change.key); });
  for (const EditionId id : changed) {
    const ledger::Edition* const row = editions.peek(id);
    if (row == nullptr) continue;
    const auto found = index->by_id.find(id);
    if (found != index->by_id.end()) {
      found->second->now.store(std::make_shared<const ledger::Edition>(with_slices(*row)));
      continue;
    }
    if (!grown) grown = std::make_shared<Index>(*index);
    set(*grown, *row);
  }
  if (grown) index_.store(std::move(grown));
  state.table<market::RuleSettings>().for_each_change([&](const auto& change) {
    settings_.store(std::make_shared<const market::RuleSettings>(*change.after));
  });
  if (!changed.empty()) version_.fetch_add(1, std::memory_order_release);
}

}  // namespace stardrop::engine
