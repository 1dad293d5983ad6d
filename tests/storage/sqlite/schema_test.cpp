// The schema against the descriptions of the row types, and migrations.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "market/state.h"
#include "storage/sqlite/columns.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/open_database.h"
#include "storage/sqlite/row_table.h"
#include "storage/sqlite/sqlite_store.h"
#include "tests/storage/sound_row.h"
#include "tests/support/stores.h"

namespace stardrop::storage {
namespace {

using testing::sound_row;
using testing::TempFolder;

class SchemaTest : public ::testing::Test {
 protected:
  Database open(Synchronous synchronous = Synchronous::off) {
    SqliteOptions options;
    options.path = folder_ / "test.db";
    options.synchronous = synchronous;
    auto db = open_for_writing(options);
    EXPECT_TRUE(db.ok()) << db.error().detail_text();
    return std::move(db).value();
  }
  std::string reason_at_open() {
    SqliteOptions options;
    options.path = folder_ / "test.db";
    options.synchronous = Synchronous::off;
    const auto db = open_for_writing(options);
    EXPECT_FALSE(db.ok());
    for (const Fact& fact : db.error().facts()) {
      if (fact.name == "reason") return std::get<std::string>(fact.value);
    }
    return {};
  }

  TempFolder folder_;
};

struct Found {
  std::string name;
  std::string type;
  bool required;
  std::int64_t key;
};

std::vector<Found> columns_in(Database& db, const std::string& table) {
  std::vector<Found> out;
  auto info =
      db.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info('" + table + "')");
  EXPECT_TRUE(info.ok());
  while (info->step() == SQLITE_ROW) {
    out.push_back({std::string(info->text(0)), std::string(info->text(1)), info->integer(2) != 0,
                   info->integer(3)});
  }
  return out;
}

TEST_F(SchemaTest, EveryRowTypeHasATableWithItsColumns) {
  Database db = open();
  std::int64_t tables = 0;
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    ++tables;
    SCOPED_TRACE(Row::kTable);
    const std::vector<Column> wanted = columns_of<Row>();
    const std::vector<Found> found = columns_in(db, std::string(Row::kTable));
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(found[i].name, wanted[i].name);
      EXPECT_EQ(found[i].type, wanted[i].type) << found[i].name;
      const bool is_key = i < static_cast<std::size_t>(kKeyColumns<Row>);
      EXPECT_EQ(found[i].key, is_key ? static_cast<std::int64_t>(i) + 1 : 0) << found[i].name;
      const bool rowid = kKeyColumns<Row> == 1 && is_key;
      EXPECT_EQ(found[i].required, !wanted[i].nullable && !rowid) << found[i].name;
    }
  });
  // The journal, the redo log, the key chunks and the list of migrations are the only others.
  const auto all = db.number("SELECT count(*) FROM sqlite_schema WHERE type='table'");
  EXPECT_EQ(*all, tables + 4);
}

TEST_F(SchemaTest, TablesAreStrictAndPairsHaveNoRowid) {
  Database db = open();
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    SCOPED_TRACE(Row::kTable);
    const std::string where =
        " FROM pragma_table_list WHERE name='" + std::string(Row::kTable) + "'";
    EXPECT_EQ(*db.number("SELECT strict" + where), 1);
    EXPECT_EQ(*db.number("SELECT wr" + where), kKeyColumns<Row> == 2 ? 1 : 0);
  });
}

TEST_F(SchemaTest, RowsComeBackAsTheyWere) {
  Database db = open();
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    SCOPED_TRACE(Row::kTable);
    RowTable<Row> table;
    ASSERT_TRUE(table.prepare(db).ok());
    const Row row = sound_row<Row>();
    ASSERT_EQ(table.put(row), SQLITE_OK) << sqlite3_errmsg(db.handle());
    const auto found = table.find(row.key());
    ASSERT_TRUE(found.ok());
    ASSERT_TRUE(found->has_value());
    EXPECT_EQ(to_binary(**found), to_binary(row));
    ASSERT_EQ(table.erase(row.key()), SQLITE_OK);
    EXPECT_FALSE(table.find(row.key())->has_value());
  });
}

/// Writes `value` into one column of a sound row; SQLITE_CONSTRAINT if a CHECK stands in the way.
template <class Row>
int put_with(Database& db, std::string_view column, std::int64_t value) {
  RowTable<Row> table;
  EXPECT_TRUE(table.prepare(db).ok());
  EXPECT_EQ(table.put(sound_row<Row>()), SQLITE_OK) << sqlite3_errmsg(db.handle());
  auto update = db.prepare("UPDATE " + std::string(Row::kTable) + " SET \"" + std::string(column) +
                           "\"=" + std::to_string(value));
  EXPECT_TRUE(update.ok());
  const int code = update->run();
  table.erase(sound_row<Row>().key());
  return code & 0xff;
}

TEST_F(SchemaTest, EnumeratorsAndTruthsOutOfRangeAreRefused) {
  Database db = open();
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    for_each_field<Row>([&]<class M>(const Field<Row, M>& f) {
      SCOPED_TRACE(std::string(Row::kTable) + '.' + std::string(f.name));
      if constexpr (std::is_same_v<M, bool>) {
        EXPECT_EQ(put_with<Row>(db, f.name, 1), SQLITE_OK);
        EXPECT_EQ(put_with<Row>(db, f.name, 2), SQLITE_CONSTRAINT);
        EXPECT_EQ(put_with<Row>(db, f.name, -1), SQLITE_CONSTRAINT);
      } else if constexpr (std::is_enum_v<M>) {
        const auto count = static_cast<std::int64_t>(enum_names(M{}).size());
        EXPECT_EQ(put_with<Row>(db, f.name, count - 1), SQLITE_OK);
        EXPECT_EQ(put_with<Row>(db, f.name, count), SQLITE_CONSTRAINT);
        EXPECT_EQ(put_with<Row>(db, f.name, -1), SQLITE_CONSTRAINT);
      }
    });
  });
}

TEST_F(SchemaTest, MoneyAndStockThatCannotBeAreRefused) {
  Database db = open();
  EXPECT_EQ(put_with<ledger::Account>(db, "held", -1), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Account>(db, "held", 10), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Account>(db, "posted", 8), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Account>(db, "grams_held", 10), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Account>(db, "owed", -1), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Transfer>(db, "amount", 0), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Hold>(db, "amount", 0), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::TopUp>(db, "stars", 0), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::TopUp>(db, "reversed", 10), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Edition>(db, "sold", -1), SQLITE_CONSTRAINT);
  EXPECT_EQ(put_with<ledger::Tally>(db, "bought", -1), SQLITE_CONSTRAINT);
  ledger::Edition edition = sound_row<ledger::Edition>();
  edition.supply = 10;
  edition.sold = 6;
  edition.reserved = 4;
  edition.leased = 1;
  RowTable<ledger::Edition> editions;
  ASSERT_TRUE(editions.prepare(db).ok());
  EXPECT_EQ(editions.put(edition) & 0xff, SQLITE_CONSTRAINT);
  edition.reserved = 3;
  EXPECT_EQ(editions.put(edition), SQLITE_OK);
  ledger::Account issuer = sound_row<ledger::Account>();
  issuer.kind = ledger::AccountKind::issuer;
  issuer.posted = Stars::units(-100);
  RowTable<ledger::Account> accounts;
  ASSERT_TRUE(accounts.prepare(db).ok());
  EXPECT_EQ(accounts.put(issuer), SQLITE_OK);
}

TEST_F(SchemaTest, ASecondStartChangesNothing) {
  open();
  Database db = open();
  EXPECT_EQ(*db.number("SELECT count(*) FROM schema_migrations"),
            static_cast<std::int64_t>(migrations().size()));
  EXPECT_EQ(*db.number("SELECT total_changes()"), 0);
  EXPECT_EQ(*db.number("PRAGMA application_id"), kApplicationId);
}

TEST_F(SchemaTest, MigratesAnOlderFileOnce) {
  Database db = open();
  std::vector<Migration> more(migrations().begin(), migrations().end());
  more.push_back(
      {static_cast<std::int64_t>(more.size()) + 1, "more", "CREATE TABLE more (id INTEGER)"});
  ASSERT_TRUE(migrate(db, more).ok());
  ASSERT_TRUE(migrate(db, more).ok());
  EXPECT_EQ(*db.number("SELECT count(*) FROM schema_migrations"),
            static_cast<std::int64_t>(more.size()));
  EXPECT_EQ(*db.number("SELECT count(*) FROM more"), 0);
}

TEST_F(SchemaTest, AMigrationThatFailsLeavesNothing) {
  Database db = open();
  std::vector<Migration> more(migrations().begin(), migrations().end());
  more.push_back({static_cast<std::int64_t>(more.size()) + 1, "broken",
                  "CREATE TABLE half (id INTEGER); INSERT INTO nowhere VALUES(1)"});
  EXPECT_FALSE(migrate(db, more).ok());
  EXPECT_FALSE(db.in_transaction());
  EXPECT_EQ(*db.number("SELECT count(*) FROM sqlite_schema WHERE name='half'"), 0);
  EXPECT_TRUE(migrate(db).ok());
}

TEST_F(SchemaTest, RefusesANewerFile) {
  open().run("INSERT INTO schema_migrations VALUES(999, 'later', x'00', 999)").ok();
  EXPECT_EQ(reason_at_open(), "newer_schema");
}

TEST_F(SchemaTest, GoesOnWithANewerFileThatSaysSo) {
  {
    Database db = open();
    std::vector<Migration> more(migrations().begin(), migrations().end());
    const auto known = static_cast<std::int64_t>(more.size());
    more.push_back({known + 1, "wider", "ALTER TABLE gifts ADD COLUMN later INTEGER", known});
    ASSERT_TRUE(migrate(db, more).ok());
    EXPECT_TRUE(migrate(db).ok());
    // Log that a newer program left is for that one.
    ASSERT_TRUE(db.run("INSERT INTO redo VALUES(1, x'00')").ok());
    EXPECT_FALSE(migrate(db).ok());
    ASSERT_TRUE(db.run("DELETE FROM redo").ok());
    more.push_back({known + 2, "narrower", "ALTER TABLE gifts DROP COLUMN later"});
    ASSERT_TRUE(migrate(db, more).ok());
  }
  EXPECT_EQ(reason_at_open(), "newer_schema");
}

TEST_F(SchemaTest, RefusesADatabaseOfBeforeTheFirstRelease) {
  open().run("ALTER TABLE schema_migrations DROP COLUMN works_from").ok();
  EXPECT_EQ(reason_at_open(), "changed_migration");
}

TEST_F(SchemaTest, RefusesAnotherMigrationUnderTheSameNumber) {
  open().run("UPDATE schema_migrations SET sha256=x'00' WHERE number=1").ok();
  EXPECT_EQ(reason_at_open(), "changed_migration");
}

TEST_F(SchemaTest, RefusesAnOlderFileThatWasNotStoppedCleanly) {
  Database db = open();
  ASSERT_TRUE(db.run("INSERT INTO redo VALUES(1, x'00')").ok());
  std::vector<Migration> more(migrations().begin(), migrations().end());
  more.push_back(
      {static_cast<std::int64_t>(more.size()) + 1, "more", "CREATE TABLE more (id INTEGER)"});
  const Status migrated = migrate(db, more);
  ASSERT_FALSE(migrated.ok());
  EXPECT_EQ(std::get<std::string>(migrated.error().facts().front().value), "unclean_stop");
}

TEST_F(SchemaTest, RefusesAnotherProgramsFile) {
  {
    auto db = Database::open(folder_ / "test.db", Database::Mode::create, {});
    ASSERT_TRUE(db->run("CREATE TABLE theirs (id INTEGER)").ok());
  }
  EXPECT_EQ(reason_at_open(), "other_application");
}

TEST_F(SchemaTest, OnlyTheWriterCanWriteOrCheckpoint) {
  Database writer = open(Synchronous::full);
  ASSERT_TRUE(writer.run("INSERT INTO redo VALUES(1, x'00')").ok());
  EXPECT_EQ(*writer.number("PRAGMA wal_autocheckpoint"), 0);
  EXPECT_EQ(*writer.number("PRAGMA synchronous"), 2);
  auto reader = open_for_reading(folder_ / "test.db");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(*reader->number("SELECT count(*) FROM redo"), 1);
  EXPECT_EQ(*reader->number("PRAGMA query_only"), 1);
  EXPECT_EQ(sqlite3_db_readonly(reader->handle(), "main"), 1);
  EXPECT_FALSE(reader->run("DELETE FROM redo").ok());
  int pages = 0;
  int moved = 0;
  EXPECT_NE(sqlite3_wal_checkpoint_v2(reader->handle(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages,
                                      &moved),
            SQLITE_OK);
}

}  // namespace
}  // namespace stardrop::storage
