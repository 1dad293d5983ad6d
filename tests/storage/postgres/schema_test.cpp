// The PostgreSQL schema against the descriptions of the row types, and migrations.
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "market/state.h"
#include "storage/postgres/journal.h"
#include "storage/postgres/migrations.h"
#include "storage/postgres/row_table.h"
#include "tests/storage/sound_row.h"
#include "tests/support/postgres_test.h"

namespace stardrop::storage::postgres {
namespace {

using engine::Trouble;
using testing::sound_row;

class PostgresSchemaTest : public testing::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    db_ = connect();
    ASSERT_TRUE(migrate(db_).ok());
  }
  std::string text(const std::string& sql) {
    const auto answer = db_.run_once(sql);
    EXPECT_TRUE(answer.ok()) << answer.error().detail_text();
    return std::string(answer->bytes(0, 0));
  }
  std::string reason(const Status& status) {
    EXPECT_FALSE(status.ok());
    for (const Fact& fact : status.error().facts()) {
      if (fact.name == "reason") return std::get<std::string>(fact.value);
    }
    return {};
  }

  Connection db_;
};

TEST_F(PostgresSchemaTest, EveryRowTypeHasATableWithItsColumns) {
  std::int64_t tables = 0;
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    ++tables;
    std::string wanted;
    int at = 0;
    for_each_field<Row>([&]<class M>(const Field<Row, M>& f) {
      const bool key = at++ < kKeyColumns<Row>;
      wanted += std::string(f.name) + ' ' + std::string(column_type<M>()) +
                (kIsOptional<M> ? "" : " required") + (key ? " key" : "") + '\n';
    });
    const std::string found = text(
        "SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || "
        "CASE WHEN a.attnotnull THEN ' required' ELSE '' END || "
        "CASE WHEN a.attnum = ANY(i.indkey) THEN ' key' ELSE '' END || chr(10), '' "
        "ORDER BY a.attnum) FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid AND "
        "i.indisprimary WHERE a.attnum > 0 AND a.attrelid = '" +
        std::string(Row::kTable) + "'::regclass");
    EXPECT_EQ(found, wanted) << Row::kTable;
  });
  // The shares, the lanes, the journal, the used keys, what nodes agree on, imports and their
  // places, and the migrations.
  EXPECT_EQ(text("SELECT count(*)::text FROM pg_tables WHERE schemaname = current_schema()"),
            std::to_string(tables + 8));
}

TEST_F(PostgresSchemaTest, RowsComeBackAsTheyWere) {
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    SCOPED_TRACE(Row::kTable);
    using Rows = RowTable<Row>;
    const Row row = sound_row<Row>();
    const auto come_back = [&](Placement placement) {
      const auto put = db_.run(Rows::insert(placement), Rows::columns_of({&row}));
      ASSERT_TRUE(put.ok()) << put.error().detail_text();
      const auto found = db_.run(Rows::lock(placement), Rows::keys_of({row.key()}));
      ASSERT_TRUE(found.ok()) << found.error().detail_text();
      ASSERT_EQ(found->rows(), 1);
      EXPECT_EQ(to_binary(*Rows::read(*found, 0)), to_binary(row));
      // A row that is all key can't change.
      constexpr bool kChanges = kFieldCount < Row >> static_cast<std::size_t>(kKeyColumns<Row>);
      if (kChanges) {
        EXPECT_TRUE(db_.run(Rows::update(placement), Rows::columns_of({&row})).ok());
      }
      EXPECT_FALSE(db_.run(Rows::insert(placement), Rows::columns_of({&row})).ok());
      EXPECT_EQ(db_.trouble(), Trouble::contended);
      ASSERT_TRUE(db_.run(Rows::erase(placement), Rows::keys_of({row.key()})).ok());
      // What isn't there can't be written: nothing of such a transaction would count.
      if (kChanges) {
        EXPECT_FALSE(db_.run(Rows::update(placement), Rows::columns_of({&row})).ok());
        EXPECT_EQ(db_.trouble(), Trouble::contended);
      }
      EXPECT_FALSE(db_.run(Rows::erase(placement), Rows::keys_of({row.key()})).ok());
    };
    come_back(Placement::here);
    come_back(Placement::spread);
  });
}

TEST_F(PostgresSchemaTest, EnumeratorsAndTruthsOutOfRangeAreRefused) {
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    using Rows = RowTable<Row>;
    const Row row = sound_row<Row>();
    ASSERT_TRUE(db_.run(Rows::insert(Placement::here), Rows::columns_of({&row})).ok());
    for_each_field<Row>([&]<class M>(const Field<Row, M>& f) {
      SCOPED_TRACE(std::string(Row::kTable) + '.' + std::string(f.name));
      const auto set = [&](std::int64_t value) {
        return db_
            .run_once("UPDATE " + std::string(Row::kTable) + " SET \"" + std::string(f.name) +
                      "\" = " + std::to_string(value))
            .ok();
      };
      std::int64_t count = 0;
      if constexpr (std::is_same_v<M, bool>) count = 2;
      if constexpr (std::is_enum_v<M>) {
        count = static_cast<std::int64_t>(enum_names(M{}).size());
      }
      if (count == 0) return;
      EXPECT_TRUE(set(count - 1));
      EXPECT_FALSE(set(count));
      EXPECT_EQ(db_.state(), "23514");
      EXPECT_FALSE(set(-1));
    });
  });
}

TEST_F(PostgresSchemaTest, MoneyAndStockThatCannotBeAreRefused) {
  const auto refused = [&](const std::string& table, const std::string& set) {
    const auto answer = db_.run_once("UPDATE " + table + " SET " + set);
    return !answer.ok() && db_.state() == "23514";
  };
  const auto put = [&]<class Row>(std::type_identity<Row>) {
    const Row row = sound_row<Row>();
    EXPECT_TRUE(
        db_.run(RowTable<Row>::insert(Placement::here), RowTable<Row>::columns_of({&row})).ok());
  };
  put(std::type_identity<ledger::Account>());
  put(std::type_identity<ledger::Transfer>());
  put(std::type_identity<ledger::Edition>());
  put(std::type_identity<ledger::Tally>());
  EXPECT_TRUE(refused("accounts", "held = -1"));
  EXPECT_TRUE(refused("accounts", "held = 10"));
  EXPECT_TRUE(refused("accounts", "posted = 8"));
  EXPECT_TRUE(refused("accounts", "owed = -1"));
  EXPECT_TRUE(refused("transfers", "amount = 0"));
  EXPECT_TRUE(refused("editions", "sold = -1"));
  EXPECT_TRUE(refused("editions", "supply = 10, sold = 7, reserved = 4"));
  EXPECT_TRUE(refused("tallies", "bought = -1"));
}

TEST_F(PostgresSchemaTest, AJournalThatNobodyHasWrittenIsEmpty) {
  EXPECT_TRUE(read_journal(db_, OpId(), [](const engine::JournalBatch&) {
                ADD_FAILURE();
                return false;
              }).ok());
}

TEST_F(PostgresSchemaTest, ASecondNodeChangesNothing) {
  ASSERT_TRUE(migrate(db_).ok());
  EXPECT_EQ(text("SELECT count(*)::text FROM schema_migrations"),
            std::to_string(migrations().size()));
}

TEST_F(PostgresSchemaTest, AMigrationThatFailsLeavesNothing) {
  std::vector<Migration> more(migrations().begin(), migrations().end());
  more.push_back({static_cast<std::int64_t>(more.size()) + 1, "broken",
                  "CREATE TABLE half (id bigint); INSERT INTO nowhere VALUES(1)"});
  EXPECT_FALSE(migrate(db_, more).ok());
  EXPECT_EQ(text("SELECT count(*)::text FROM pg_tables WHERE tablename = 'half' AND "
                 "schemaname = current_schema()"),
            "0");
  EXPECT_TRUE(migrate(db_).ok());
}

TEST_F(PostgresSchemaTest, RefusesWhatAnotherVersionWrote) {
  ASSERT_TRUE(db_.script("UPDATE schema_migrations SET sha256 = '\\x00' WHERE number = 1").ok());
  EXPECT_EQ(reason(migrate(db_)), "changed_migration");
  schema_.emplace();
  db_ = connect();
  ASSERT_TRUE(migrate(db_).ok());
  ASSERT_TRUE(db_.script("INSERT INTO schema_migrations VALUES(999, 'later', '\\x00', 999)").ok());
  EXPECT_EQ(reason(migrate(db_)), "newer_schema");
}

TEST_F(PostgresSchemaTest, GoesOnBesideANewerVersionThatSaysSo) {
  std::vector<Migration> more(migrations().begin(), migrations().end());
  const auto known = static_cast<std::int64_t>(more.size());
  more.push_back({known + 1, "wider", "ALTER TABLE gifts ADD COLUMN later bigint", known});
  ASSERT_TRUE(migrate(db_, more).ok());
  EXPECT_TRUE(migrate(db_).ok());
  EXPECT_TRUE(check_schema(db_).ok());
  more.push_back({known + 2, "narrower", "ALTER TABLE gifts DROP COLUMN later"});
  ASSERT_TRUE(migrate(db_, more).ok());
  // One that is at work finds out as one that starts does.
  EXPECT_EQ(reason(check_schema(db_)), "newer_schema");
  EXPECT_EQ(reason(migrate(db_)), "newer_schema");
  EXPECT_TRUE(check_schema(db_, more).ok());
}

TEST_F(PostgresSchemaTest, AMigrationWaitsWithoutKeepingOthersWaiting) {
  std::vector<Migration> more(migrations().begin(), migrations().end());
  const auto known = static_cast<std::int64_t>(more.size());
  more.push_back({known + 1, "wider", "ALTER TABLE gifts ADD COLUMN later bigint", known});
  // Somebody is at work with the table.
  ASSERT_TRUE(db_.script("BEGIN; SELECT 1 FROM gifts").ok());
  Status migrated = done();
  std::thread migrating([&] {
    Connection other = connect();
    migrated = migrate(other, more);
  });
  Connection third = connect();
  // The migration gave up its place in the queue at least once.
  while (third
             .run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE "
                  "'ALTER TABLE gifts%'")
             ->rows() == 0) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(third.run("SELECT count(*) FROM gifts").ok());
  ASSERT_TRUE(db_.script("COMMIT").ok());
  migrating.join();
  EXPECT_TRUE(migrated.ok());
  EXPECT_EQ(text("SELECT count(*)::text FROM schema_migrations"), std::to_string(more.size()));
}

TEST_F(PostgresSchemaTest, APipelineEndsAtItsFirstFailure) {
  db_.send("CREATE TABLE notes (id bigint PRIMARY KEY)");
  ASSERT_TRUE(db_.receive().ok());
  db_.send("BEGIN");
  db_.send("INSERT INTO notes VALUES($1)", Parameters().add(std::int64_t{1}));
  db_.send("INSERT INTO notes VALUES($1)", Parameters().add(std::int64_t{1}));
  db_.send("COMMIT");
  EXPECT_FALSE(db_.receive().ok());
  EXPECT_EQ(db_.trouble(), Trouble::contended);
  EXPECT_EQ(db_.state(), "23505");
  EXPECT_TRUE(db_.in_failed_transaction());
  ASSERT_TRUE(db_.run("ROLLBACK").ok());
  EXPECT_EQ(text("SELECT count(*)::text FROM notes"), "0");
}

TEST_F(PostgresSchemaTest, AConnectionThatIsCutIsLost) {
  Connection other = connect();
  const auto pid = other.run("SELECT pg_backend_pid()::bigint");
  ASSERT_TRUE(pid.ok());
  ASSERT_TRUE(
      db_.run("SELECT pg_terminate_backend($1::bigint::int)", Parameters().add(pid->integer(0, 0)))
          .ok());
  EXPECT_FALSE(other.run("SELECT 1").ok());
  EXPECT_EQ(other.trouble(), Trouble::lost);
}

}  // namespace
}  // namespace stardrop::storage::postgres
