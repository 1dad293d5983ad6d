// What a store does unless it knows better: nobody shares it, and a snapshot is a copy in memory.
#include "engine/store.h"

#include <algorithm>

namespace stardrop::engine {
namespace {

/// A copy of everything, made when the snapshot was.
class CopiedSnapshot final : public Snapshot {
 public:
  Status copy(Store& store) {
    STARDROP_TRY(store.load_all(rows_));
    return store.read_journal(OpId(), [this](const JournalBatch& batch) {
      journal_.push_back(batch);
      return true;
    });
  }

  Status scan(const RowVisitor& visitor) override {
    rows_.for_each_table([&]<class Row>(const Table<Row>& table) {
      const auto& visit = visitor.of<Row>();
      if (!visit) return;
      std::vector<const Row*> sorted;
      sorted.reserve(table.size());
      table.for_each([&](const Row& row) { sorted.push_back(&row); });
      std::ranges::sort(sorted, {}, [](const Row* row) { return row->key(); });
      for (const Row* const row : sorted) visit(*row);
    });
    return done();
  }

  Status read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) override {
    for (const JournalBatch& batch : journal_) {
      if (batch.first_op > after && !take(batch)) break;
    }
    return done();
  }

 private:
  market::State rows_;
  std::vector<JournalBatch> journal_;
};

}  // namespace

Result<Locked> Store::lock(const market::Keys& keys, const LockNeeds&, market::State& into) {
  STARDROP_TRY(load(keys, into));
  return Locked();
}

Status Store::find_batches(std::span<const OpId>, const std::function<void(JournalBatch&&)>&) {
  return done();
}

Result<std::vector<UsedKey>> Store::find_keys(std::span<const UsedKey>) {
  return std::vector<UsedKey>();
}

Result<std::vector<PairKey>> Store::abandoned_slices() { return std::vector<PairKey>(); }

Status Store::claim_timers(Instant, std::int64_t, market::State&) { return done(); }

Result<bool> Store::take_news(market::State&, std::vector<market::Event>&) { return false; }

Result<Instant> Store::next_timer() { return Instant(); }

Status Store::load_line(GiftId, std::size_t, market::State&) { return done(); }

Result<std::unique_ptr<Snapshot>> Store::snapshot() {
  auto copied = std::make_unique<CopiedSnapshot>();
  STARDROP_TRY(copied->copy(*this));
  return std::unique_ptr<Snapshot>(std::move(copied));
}

}  // namespace stardrop::engine
