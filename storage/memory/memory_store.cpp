// The reference store.
#include "storage/memory/memory_store.h"

#include <algorithm>

#include "engine/journal.h"
#include "ledger/account.h"

namespace stardrop::storage {

using engine::JournalBatch;
using market::AllRows;

/// Looks at the data as they were: the store writes to a copy as long as somebody does.
class MemoryStore::MemorySnapshot final : public engine::Snapshot {
 public:
  explicit MemorySnapshot(std::shared_ptr<const Data> data) noexcept : data_(std::move(data)) {}

  Status scan(const engine::RowVisitor& visitor) override {
    AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
      const auto& visit = visitor.of<Row>();
      if (!visit) return;
      for (const auto& [key, row] : data_->rows<Row>()) visit(row);
    });
    return done();
  }
  Status read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) override {
    for (const JournalBatch& batch : data_->journal) {
      if (batch.first_op > after && !take(batch)) break;
    }
    return done();
  }

 private:
  std::shared_ptr<const Data> data_;
};

MemoryStore::Data& MemoryStore::writable() {
  if (data_.use_count() > 1) data_ = std::make_shared<Data>(*data_);
  return *data_;
}

Result<std::unique_ptr<engine::Snapshot>> MemoryStore::snapshot() {
  return std::unique_ptr<engine::Snapshot>(std::make_unique<MemorySnapshot>(data_));
}

Result<engine::LaneHead> MemoryStore::open(market::State& into, const engine::TakeKeys& take) {
  if (data_->rows<ledger::Account>().empty()) {
    for (const ledger::Account& row : ledger::system_accounts()) {
      writable().rows<ledger::Account>().emplace(row.id, row);
    }
  }
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if constexpr (Row::kResident) {
      for (const auto& [key, row] : data_->rows<Row>()) into.table<Row>().load(key, row);
    }
  });
  take(keys_, 0);
  return head_;
}

Status MemoryStore::load(const market::Keys& keys, market::State& into) {
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    const auto& rows = data_->rows<Row>();
    for (const auto& key : keys.of<Row>()) {
      const auto found = rows.find(key);
      into.table<Row>().load(
          key, found == rows.end() ? std::nullopt : std::optional<Row>(found->second));
    }
  });
  return done();
}

Status MemoryStore::commit(const engine::Changes& changes) {
  Data& data = writable();
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    changes.state.table<Row>().for_each_change([&](const auto& change) {
      if (change.after != nullptr) {
        data.rows<Row>().insert_or_assign(change.key, *change.after);
      } else {
        data.rows<Row>().erase(change.key);
      }
    });
  });
  data.journal.push_back(changes.journal);
  keys_.insert(keys_.end(), changes.keys.begin(), changes.keys.end());
  head_.last_op = changes.journal.last_op;
  head_.last_time = changes.head.last_time;
  head_.chain = changes.journal.chain;
  return done();
}

Result<std::optional<JournalBatch>> MemoryStore::find_batch(OpId op) {
  const auto& journal = data_->journal;
  const auto after = std::ranges::upper_bound(journal, op, {}, &JournalBatch::first_op);
  if (after == journal.begin()) return std::optional<JournalBatch>();
  return std::optional<JournalBatch>(*std::prev(after));
}

Status MemoryStore::read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) {
  return MemorySnapshot(data_).read_journal(after, take);
}

Status MemoryStore::load_all(market::State& into) {
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    for (const auto& [key, row] : data_->rows<Row>()) into.table<Row>().load(key, row);
  });
  return done();
}

}  // namespace stardrop::storage
