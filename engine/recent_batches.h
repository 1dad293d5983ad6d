// Batches that were journalled or looked up lately: most replays follow closely.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "engine/store.h"
#include "ledger/ids.h"

namespace stardrop::engine {

/// What is in a journal never changes, so nothing here can be out of date. The longest known goes
/// first. One thread at a time.
class RecentBatches {
 public:
  /// `bytes_max` is of the batches' bodies.
  explicit RecentBatches(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// The batch that holds `op`, or null. Good until the next `add`.
  const JournalBatch* find(OpId op) const {
    const auto behind = batches_.upper_bound({ledger::node_of(op), op});
    if (behind == batches_.begin()) return nullptr;
    const auto& [place, batch] = *std::prev(behind);
    return place.first == ledger::node_of(op) && op <= batch.last_op ? &batch : nullptr;
  }

  void add(JournalBatch batch) {
    const Place place(std::int64_t{batch.lane}, batch.first_op);
    const std::size_t bytes = batch.body.size();
    if (!batches_.try_emplace(place, std::move(batch)).second) return;
    order_.push_back(place);
    bytes_ += bytes;
    while (bytes_ > bytes_max_ && order_.size() > 1) {
      const auto oldest = batches_.find(order_.front());
      bytes_ -= oldest->second.body.size();
      batches_.erase(oldest);
      order_.pop_front();
    }
  }

  void clear() {
    batches_.clear();
    order_.clear();
    bytes_ = 0;
  }

 private:
  using Place = std::pair<std::int64_t, OpId>;

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::map<Place, JournalBatch> batches_;
  std::deque<Place> order_;
};

}  // namespace stardrop::engine
