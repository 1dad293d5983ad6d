// Rows made again, in an executor whose store is nothing but its state.
#include "engine/replay.h"

#include "base/binary.h"
#include "engine/state_hash.h"

namespace stardrop::engine {
namespace {

/// Most differing rows that are listed.
constexpr std::size_t kDifferencesMax = 100;

/// A store that keeps nothing: every row stays in the executor's state, and what isn't there
/// doesn't exist.
class NothingStore final : public Store {
 public:
  Result<LaneHead> open(market::State& into, const TakeKeys&) override {
    for (const ledger::Account& row : ledger::system_accounts()) {
      into.table<ledger::Account>().load(row.id, row);
    }
    return LaneHead();
  }
  Status load(const market::Keys& keys, market::State& into) override {
    market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
      for (const auto& key : keys.of<Row>()) into.table<Row>().load(key, std::nullopt);
    });
    return done();
  }
  /// Rows newer than the store's stay loaded, so all of them are for ever.
  Status commit(const Changes& changes) override {
    changes.state.for_each_table([](auto& table) {
      table.for_each_change([&](const auto& change) { table.mark_dirty(change); });
    });
    return done();
  }
  Status tidy(market::State&, bool) override { return done(); }
  Status flush(market::State&) override { return done(); }
  Result<std::optional<JournalBatch>> find_batch(OpId) override {
    return std::optional<JournalBatch>();
  }
  Status read_journal(OpId, const std::function<bool(const JournalBatch&)>&) override {
    return done();
  }
  Status load_all(market::State&) override { return done(); }
};

template <class Key>
std::string key_text(const Key& key) {
  if constexpr (kIsId<Key>) {
    return key.text();
  } else if constexpr (std::is_same_v<Key, PairKey>) {
    return std::to_string(key.first) + ' ' + std::to_string(key.second);
  } else {
    return std::to_string(key);
  }
}

void note(ReplayReport& report, std::string_view table, std::string key, const char* detail) {
  ++report.differences_total;
  if (report.differences.size() >= kDifferencesMax) return;
  report.differences.push_back({std::string(table), std::move(key), detail});
}

/// Names the rows in which the store and the rebuilt state differ.
Status name_differences(Snapshot& snapshot, const market::State& rebuilt, ReplayReport& report) {
  market::State seen;
  RowVisitor visitor;
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if constexpr (Row::kHashed) {
      visitor.on<Row>([&](const Row& row) {
        seen.table<Row>().load(row.key(), row);
        const Row* const again = rebuilt.table<Row>().peek(row.key());
        if (again == nullptr) {
          note(report, Row::kTable, key_text(row.key()), "The journal does not explain this row.");
        } else if (to_binary(*again) != to_binary(row)) {
          note(report, Row::kTable, key_text(row.key()), "The journal makes another row of it.");
        }
      });
    }
  });
  STARDROP_TRY(snapshot.scan(visitor));
  rebuilt.for_each_table([&]<class Row>(const Table<Row>& table) {
    if constexpr (Row::kHashed) {
      table.for_each([&](const Row& row) {
        if (seen.table<Row>().peek(row.key()) != nullptr) return;
        note(report, Row::kTable, key_text(row.key()), "The store lacks this row.");
      });
    }
  });
  return done();
}

}  // namespace

Status rebuild(Snapshot& snapshot, Executor& into, ReplayReport& report) {
  return snapshot.read_journal(OpId(), [&](const JournalBatch& batch) {
    const Status replayed = into.replay(batch);
    if (replayed) {
      ++report.batches;
      report.entries += batch.entries;
      return true;
    }
    const Error& error = replayed.error();
    report.detail = error.detail_text();
    report.first_wrong_op = batch.first_op;
    for (const Fact& fact : error.facts()) {
      if (fact.name == "op") {
        const auto op = OpId::parse(std::get<std::string>(fact.value));
        report.first_wrong_op = op.value_or(batch.first_op);
      }
      if (fact.name == "refused_with") {
        report.detail += " Refused with " + std::get<std::string>(fact.value) + '.';
      }
    }
    return false;
  });
}

Result<ReplayReport> replay(Snapshot& snapshot, const Clock& clock) {
  const Instant began = clock.now();
  ReplayReport report;
  NothingStore nothing;
  Executor executor(nothing, clock, {});
  STARDROP_TRY(executor.open());
  STARDROP_TRY(rebuild(snapshot, executor, report));
  STARDROP_TRY_ASSIGN(const StateHash stored, state_hash(snapshot));
  const StateHash rebuilt = state_hash(executor.state());
  report.state_hash = stored.text();
  report.rebuilt_state_hash = rebuilt.text();
  report.ok = !report.first_wrong_op.is_set() && stored == rebuilt;
  if (stored != rebuilt && !report.first_wrong_op.is_set()) {
    STARDROP_TRY(name_differences(snapshot, executor.state(), report));
  }
  report.milliseconds = clock.now().since(began).us / 1000;
  return report;
}

}  // namespace stardrop::engine
