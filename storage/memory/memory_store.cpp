// The reference store.
#include "storage/memory/memory_store.h"

#include <algorithm>

#include "engine/journal.h"
#include "ledger/account.h"

namespace stardrop::storage {

using engine::JournalBatch;
using market::AllRows;

Result<engine::LaneHead> MemoryStore::open(market::State& into,
                                           const std::function<void(engine::UsedKey)>& use) {
  if (rows<ledger::Account>().empty()) {
    for (const ledger::Account& row : ledger::system_accounts()) {
      rows<ledger::Account>().emplace(row.id, row);
    }
  }
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if constexpr (Row::kResident) {
      for (const auto& [key, row] : rows<Row>()) into.table<Row>().load(key, row);
    }
  });
  for (const engine::UsedKey& key : keys_) use(key);
  return head_;
}

Status MemoryStore::load(const market::Keys& keys, market::State& into) {
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    for (const auto& key : keys.of<Row>()) {
      const auto found = rows<Row>().find(key);
      into.table<Row>().load(
          key, found == rows<Row>().end() ? std::nullopt : std::optional<Row>(found->second));
    }
  });
  return done();
}

Status MemoryStore::lock(const market::Keys&, market::State&) { return done(); }

Status MemoryStore::commit(const engine::Changes& changes) {
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    changes.state.table<Row>().for_each_change([&](const auto& change) {
      if (change.after != nullptr) {
        rows<Row>().insert_or_assign(change.key, *change.after);
      } else {
        rows<Row>().erase(change.key);
      }
    });
  });
  journal_.push_back(changes.journal);
  keys_.insert(keys_.end(), changes.keys.begin(), changes.keys.end());
  head_.last_op = changes.journal.last_op;
  head_.last_time = changes.last_time;
  head_.chain = changes.journal.chain;
  return done();
}

Result<std::optional<JournalBatch>> MemoryStore::find_batch(OpId op) {
  const auto after = std::ranges::upper_bound(journal_, op, {}, &JournalBatch::first_op);
  if (after == journal_.begin()) return std::optional<JournalBatch>();
  return std::optional<JournalBatch>(*std::prev(after));
}

Status MemoryStore::read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) {
  for (const JournalBatch& batch : journal_) {
    if (batch.first_op > after && !take(batch)) break;
  }
  return done();
}

Status MemoryStore::load_all(market::State& into) {
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    for (const auto& [key, row] : rows<Row>()) into.table<Row>().load(key, row);
  });
  return done();
}

}  // namespace stardrop::storage
