// A snapshot in which somebody has changed something.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/store.h"

namespace stardrop::testing {

/// Shows another snapshot with rows changed, left out, or added, and batches changed.
class Tampered final : public engine::Snapshot {
 public:
  explicit Tampered(engine::Snapshot& original) noexcept : original_(original) {}

  /// `change(row)` may change the row; it returns false to leave it out.
  template <class Row>
  Tampered& change(std::function<bool(Row&)> change) {
    wrap_.push_back([change](const engine::RowVisitor& shown, engine::RowVisitor& out) {
      const auto visit = shown.of<Row>();
      if (!visit) return;
      out.on<Row>([visit, change](const Row& row) {
        Row changed = row;
        if (change(changed)) visit(changed);
      });
    });
    return *this;
  }
  /// Shows the row besides those there are.
  template <class Row>
  Tampered& add(Row row) {
    wrap_.push_back([row](const engine::RowVisitor& shown, engine::RowVisitor& out) {
      const auto visit = shown.of<Row>();
      if (!visit) return;
      auto first = std::make_shared<bool>(true);
      out.on<Row>([visit, row, first](const Row& each) {
        if (std::exchange(*first, false)) visit(row);
        visit(each);
      });
    });
    return *this;
  }
  /// Changes batches of the journal; `change(batch)` returns false to leave one out.
  Tampered& change_journal(std::function<bool(engine::JournalBatch&)> change) {
    journal_ = std::move(change);
    return *this;
  }

  Status scan(const engine::RowVisitor& visitor) override {
    engine::RowVisitor out = visitor;
    for (const auto& wrap : wrap_) {
      const engine::RowVisitor shown = out;
      wrap(shown, out);
    }
    return original_.scan(out);
  }
  Status read_journal(OpId after,
                      const std::function<bool(const engine::JournalBatch&)>& take) override {
    return original_.read_journal(after, [&](const engine::JournalBatch& batch) {
      engine::JournalBatch changed = batch;
      if (journal_ && !journal_(changed)) return true;
      return take(changed);
    });
  }

 private:
  engine::Snapshot& original_;
  std::vector<std::function<void(const engine::RowVisitor&, engine::RowVisitor&)>> wrap_;
  std::function<bool(engine::JournalBatch&)> journal_;
};

}  // namespace stardrop::testing
