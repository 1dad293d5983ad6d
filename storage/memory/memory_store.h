// The reference store: everything in ordered maps, nothing on disk. For tests and simulation.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "base/type_list.h"
#include "engine/store.h"

namespace stardrop::storage {

/// Keeps what was committed, by key. Slow and plain on purpose: other stores are compared with it.
class MemoryStore final : public engine::Store {
 public:
  Result<engine::LaneHead> open(market::State& into, const engine::TakeKeys& take) override;
  Status load(const market::Keys& keys, market::State& into) override;
  Status commit(const engine::Changes& changes) override;
  Status tidy(market::State&, bool) override { return done(); }
  Status flush(market::State&) override { return done(); }
  Result<std::optional<engine::JournalBatch>> find_batch(OpId op) override;
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override;
  Status load_all(market::State& into) override;
  Result<std::unique_ptr<engine::Snapshot>> snapshot() override;

 private:
  template <class Row>
  struct Rows {
    std::map<typename Row::Key, Row> by_key;
  };
  /// What a snapshot shares with the store until the store writes again.
  struct Data {
    market::AllRows::Apply<std::tuple, Rows> tables;
    std::vector<engine::JournalBatch> journal;

    template <class Row>
    auto& rows() {
      return std::get<Rows<Row>>(tables).by_key;
    }
    template <class Row>
    const auto& rows() const {
      return std::get<Rows<Row>>(tables).by_key;
    }
  };
  class MemorySnapshot;

  /// The data to write to: a copy of its own if a snapshot still looks at it.
  Data& writable();

  std::shared_ptr<Data> data_ = std::make_shared<Data>();
  std::vector<engine::UsedKey> keys_;
  engine::LaneHead head_;
};

}  // namespace stardrop::storage
