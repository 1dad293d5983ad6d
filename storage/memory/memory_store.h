// The reference store: everything in ordered maps, nothing on disk. For tests and simulation.
#pragma once

#include <map>
#include <vector>

#include "base/type_list.h"
#include "engine/store.h"

namespace stardrop::storage {

/// Keeps what was committed, by key. Slow and plain on purpose: other stores are compared with it.
class MemoryStore final : public engine::Store {
 public:
  Result<engine::LaneHead> open(market::State& into,
                                const std::function<void(engine::UsedKey)>& use) override;
  Status load(const market::Keys& keys, market::State& into) override;
  Status lock(const market::Keys& keys, market::State& into) override;
  Status commit(const engine::Changes& changes) override;
  void abort() override {}
  Status tidy(market::State&, bool) override { return done(); }
  Status flush(market::State&) override { return done(); }
  Result<std::optional<engine::JournalBatch>> find_batch(OpId op) override;
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override;
  Status load_all(market::State& into) override;

 private:
  template <class Row>
  struct Rows {
    std::map<typename Row::Key, Row> by_key;
  };
  template <class Row>
  auto& rows() {
    return std::get<Rows<Row>>(rows_).by_key;
  }

  market::AllRows::Apply<std::tuple, Rows> rows_;
  std::vector<engine::JournalBatch> journal_;
  std::vector<engine::UsedKey> keys_;
  engine::LaneHead head_;
};

}  // namespace stardrop::storage
