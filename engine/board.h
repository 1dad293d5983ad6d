// The board: every edition as it was committed last, for anybody to read without the engine.
//
// A drop ends with a hundred times more refusals than sales. They are decided here.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/shared_slot.h"
#include "ledger/edition.h"
#include "ledger/stock_slice.h"
#include "market/settings.h"
#include "market/state.h"

namespace stardrop::engine {

/// Written by the engine's thread after each commit; read from any thread, without waiting.
///
/// What slices of stock have sold is counted in, as far as it is known here (`with_slices`).
class Board {
 public:
  using Snapshot = std::shared_ptr<const ledger::Edition>;

  /// The edition as it was committed last; null if there is none.
  Snapshot edition(EditionId id) const;
  /// The edition with this short name; null if there is none.
  Snapshot edition(std::string_view slug) const;
  /// All editions, by id.
  std::vector<Snapshot> all() const;
  /// Grows with every change of any edition.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  market::RuleSettings settings() const { return *settings_.load(); }

  /// Takes over what a store held when it was opened. The engine's thread only.
  void reset(const market::State& state);
  /// Takes over what the batch changed. The engine's thread only.
  void update(const market::State& state);

 private:
  struct Place {
    SharedSlot<const ledger::Edition> now;
  };
  /// Which editions there are; replaced as a whole when one is added.
  struct Index {
    std::map<EditionId, std::shared_ptr<Place>> by_id;
    std::map<std::string, std::shared_ptr<Place>, std::less<>> by_slug;
  };
  void set(Index& index, const ledger::Edition& row);
  ledger::Edition with_slices(const ledger::Edition& row) const;

  SharedSlot<const Index> index_{std::make_shared<const Index>()};
  SharedSlot<const market::RuleSettings> settings_{std::make_shared<const market::RuleSettings>()};
  std::atomic<std::uint64_t> version_{0};
  std::map<PairKey, ledger::StockSlice> slices_;  // the engine's thread only
};

}  // namespace stardrop::engine
