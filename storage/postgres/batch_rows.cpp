// One statement a table, whatever the commands were.
#include "storage/postgres/batch_rows.h"

#include <algorithm>
#include <limits>

#include "storage/postgres/row_table.h"

namespace stardrop::storage::postgres {

using ledger::Account;
using market::AllRows;
using market::State;

namespace {

/// The rules are changed by one that runs alone, so reading them is enough.
template <class Row>
constexpr bool kLockedToRead = !std::is_same_v<Row, market::RuleSettings>;

/// Loads the rows of an answer; `looked` says that they are not locked.
template <class Row>
Status take_answer(const Answer& answer, bool looked, Table<Row>& into) {
  for (int row = 0; row < answer.rows(); ++row) {
    STARDROP_TRY_ASSIGN(Row read, RowTable<Row>::read(answer, row));
    const auto key = read.key();
    into.load(key, std::move(read), looked);
  }
  return done();
}

}  // namespace

KeyStatements send_keys(Connection& db,
                        const market::Keys& keys,
                        bool locked,
                        const ShardMap& shards) {
  KeyStatements statements;
  statements.locked = locked;
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    auto wanted = keys.of<Row>();
    if constexpr (std::is_same_v<Row, Account>) {
      std::erase_if(wanted, ledger::is_system_account);
    }
    std::size_t count = 0;
    if (!wanted.empty() && locked && kLockedToRead<Row>) {
      const std::string& text = RowTable<Row>::lock(shards.placement_of<Row>());
      for (const auto& group : shards.groups<Row>(std::move(wanted))) {
        db.send(text, RowTable<Row>::keys_of(group));
        ++count;
      }
    } else if (!wanted.empty()) {
      db.send(RowTable<Row>::select(), RowTable<Row>::keys_of(in_order(std::move(wanted))));
      ++count;
    }
    statements.of_type.push_back(count);
    for (const market::RangeWanted& range : keys.ranges_of<Row>()) {
      db.send(RowTable<Row>::select_range(),
              Parameters()
                  .add(range.first)
                  .add(static_cast<std::int64_t>(std::min<std::size_t>(
                      range.limit, std::numeric_limits<std::int32_t>::max()))));
    }
  });
  // What is only looked at is looked at behind all locks: something among them keeps it as it is.
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if (keys.looks_of<Row>().empty()) return;
    db.send(RowTable<Row>::select(), RowTable<Row>::keys_of(in_order(keys.looks_of<Row>())));
  });
  return statements;
}

Status take_rows(const market::Keys& keys,
                 const std::vector<Answer>& answers,
                 std::size_t at,
                 const KeyStatements& statements,
                 const Shares& shares,
                 State& into) {
  Status taken = done();
  std::size_t type = 0;
  const auto take = [&]<class Row>(std::type_identity<Row>) -> Status {
    Table<Row>& table = into.table<Row>();
    if constexpr (std::is_same_v<Row, Account>) {
      for (const AccountId key : keys.of<Row>()) {
        if (ledger::is_system_account(key)) table.load(key, shares.account(key));
      }
    }
    for (std::size_t left = statements.of_type[type++]; left > 0; --left) {
      STARDROP_TRY(take_answer(answers[at++], false, table));
    }
    for (const auto& key : keys.of<Row>()) table.load(key, std::nullopt);
    for (const market::RangeWanted& range : keys.ranges_of<Row>()) {
      const Answer& answer = answers[at++];
      STARDROP_TRY(take_answer(answer, statements.locked && RowLockedApart<Row>, table));
      table.loaded_range(range.first, range.limit,
                         static_cast<std::size_t>(answer.rows()) < range.limit);
    }
    return done();
  };
  AllRows::for_each([&]<class Row>(std::type_identity<Row> row) {
    if (taken) taken = take(row);
  });
  const auto take_looks = [&]<class Row>(std::type_identity<Row>) -> Status {
    Table<Row>& table = into.table<Row>();
    if (keys.looks_of<Row>().empty()) return done();
    STARDROP_TRY(take_answer(answers[at++], statements.locked, table));
    for (const auto& key : keys.looks_of<Row>()) table.load(key, std::nullopt, statements.locked);
    return done();
  };
  AllRows::for_each([&]<class Row>(std::type_identity<Row> row) {
    if (taken) taken = take_looks(row);
  });
  return taken;
}

void send_changes(Connection& db, const State& state, const ShardMap& shards) {
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    std::vector<const Row*> added;
    std::vector<const Row*> changed;
    std::vector<typename Row::Key> removed;
    state.table<Row>().for_each_change([&](const auto& change) {
      if constexpr (std::is_same_v<Row, Account>) {
        if (ledger::is_system_account(change.key)) return;
      }
      if (change.after == nullptr) {
        removed.push_back(change.key);
      } else {
        (change.existed ? changed : added).push_back(change.after);
      }
    });
    using Rows = RowTable<Row>;
    const Placement placement = shards.placement_of<Row>();
    if (!removed.empty()) db.send(Rows::erase(placement), Rows::keys_of(removed));
    if constexpr (kFieldCount < Row >> static_cast<std::size_t>(kKeyColumns<Row>)) {
      if (!changed.empty()) db.send(Rows::update(placement), Rows::columns_of(changed));
    }
    if (!added.empty()) db.send(Rows::insert(placement), Rows::columns_of(added));
  });
}

}  // namespace stardrop::storage::postgres
