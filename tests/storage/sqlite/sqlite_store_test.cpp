// What the SQLite store alone promises: one process, refusals at open, write-back, memory, erasure.
#include "storage/sqlite/sqlite_store.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "storage/sqlite/open_database.h"
#include "tests/storage/shop.h"
#include "tests/support/stores.h"

namespace stardrop::storage {
namespace {

using testing::check_rows;
using testing::dump;
using testing::Shop;
using testing::small_limits;
using testing::TempFolder;

std::string reason_of(const Error& error) {
  for (const Fact& fact : error.facts()) {
    if (fact.name == "reason") return std::get<std::string>(fact.value);
  }
  return {};
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class SqliteStoreTest : public ::testing::Test {
 protected:
  SqliteOptions options() {
    SqliteOptions out;
    out.path = path_;
    out.synchronous = Synchronous::off;
    return out;
  }
  std::string reason_at_open() {
    SqliteStore store(options());
    market::State state;
    const auto opened = store.open(state, [](auto, auto) {});
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? "" : reason_of(opened.error());
  }

  TempFolder folder_;
  std::string path_ = folder_ / "stardrop.db";
};

TEST_F(SqliteStoreTest, RefusesASecondProcess) {
  SqliteStore first(options());
  Shop shop(first);
  ASSERT_TRUE(shop.open().ok());
  EXPECT_EQ(reason_at_open(), "locked");
  shop.stock(3, 10);
  ASSERT_TRUE(shop.buy(0).ok());
}

TEST_F(SqliteStoreTest, GivesTheFileUpAtItsEnd) {
  {
    SqliteStore first(options());
    Shop shop(first);
    ASSERT_TRUE(shop.open().ok());
  }
  SqliteStore second(options());
  Shop shop(second);
  EXPECT_TRUE(shop.open().ok());
}

TEST_F(SqliteStoreTest, RefusesAMissingFolder) {
  path_ = folder_ / "nowhere/stardrop.db";
  EXPECT_EQ(reason_at_open(), "no_folder");
}

TEST_F(SqliteStoreTest, RefusesWhatIsNoDatabase) {
  std::ofstream(path_) << std::string(8192, 'x');
  EXPECT_EQ(reason_at_open(), "not_a_database");
  EXPECT_EQ(contents(path_), std::string(8192, 'x'));
}

TEST_F(SqliteStoreTest, RefusesADamagedHeader) {
  {
    SqliteStore store(options());
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
  }
  std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(3);
  file.put('?');
  file.close();
  EXPECT_EQ(reason_at_open(), "not_a_database");
}

TEST_F(SqliteStoreTest, ANewerFileIsRefused) {
  {
    SqliteStore store(options());
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
  }
  ASSERT_TRUE(open_for_writing(options())
                  ->run("INSERT INTO schema_migrations VALUES(999, 'later', x'00', 999)")
                  .ok());
  EXPECT_EQ(reason_at_open(), "newer_schema");
}

TEST_F(SqliteStoreTest, WritesBackInSlicesAndThenDropsTheRedoLog) {
  SqliteStore store(small_limits(path_));
  Shop shop(store);
  ASSERT_TRUE(shop.open().ok());
  shop.stock(30, 5000);
  for (std::uint64_t i = 0; i < 600; ++i) {
    ASSERT_TRUE(shop.buy(i).ok());
    ASSERT_TRUE(shop.executor().tidy(false).ok());
  }
  const SqliteFigures figures = store.figures();
  EXPECT_GT(figures.sweeps, 3U);
  EXPECT_GT(figures.checkpoints, 3U);
  EXPECT_GT(figures.rows_written_back, 100U);
  ASSERT_TRUE(shop.executor().flush().ok());
  EXPECT_EQ(store.figures().dirty_rows, 0U);
  EXPECT_EQ(store.figures().redo_bytes, 0U);
  check_rows(store);
}

TEST_F(SqliteStoreTest, AFlushedFileNeedsNoRedoLog) {
  std::string before;
  {
    SqliteStore store(small_limits(path_));
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
    shop.stock(10, 500);
    for (const auto& outcome : shop.buy(0, 300)) ASSERT_TRUE(outcome.ok());
    before = dump(store);
    ASSERT_TRUE(shop.executor().flush().ok());
  }
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  auto db = open_for_reading(path_);
  ASSERT_TRUE(db.ok());
  EXPECT_EQ(*db->number("SELECT count(*) FROM redo"), 0);
  EXPECT_EQ(*db->number("SELECT sum(bought) FROM tallies"), 300);
  SqliteStore store(small_limits(path_));
  Shop shop(store);
  ASSERT_TRUE(shop.open().ok());
  EXPECT_EQ(shop.executor().keys().size(), 10U + 10U + 1U + 300U);
  EXPECT_EQ(dump(store), before);
}

TEST_F(SqliteStoreTest, KeepsLoadedRowsWithinTheirMemory) {
  SqliteStore store(small_limits(path_));
  Shop shop(store);
  ASSERT_TRUE(shop.open().ok());
  shop.stock(40, 5000);
  for (std::uint64_t i = 0; i < 500; ++i) {
    ASSERT_TRUE(shop.buy(i).ok());
    ASSERT_TRUE(shop.executor().tidy(true).ok());
  }
  // New gifts leave with their batch; what is bought with has to give way to each other.
  EXPECT_GT(store.figures().rows_evicted, 50U);
  EXPECT_EQ(shop.executor().state().table<market::Gift>().size(), 0U);
  check_rows(store);
}

TEST_F(SqliteStoreTest, WritingThroughEndsInTheSameRows) {
  SqliteOptions through = options();
  through.write_through = true;
  SqliteStore store(through);
  Shop shop(store);
  ASSERT_TRUE(shop.open().ok());
  shop.stock(10, 500);
  for (const auto& outcome : shop.buy(0, 200)) ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(store.figures().dirty_rows, 0U);
  auto db = open_for_reading(path_);
  EXPECT_EQ(*db->number("SELECT sum(bought) FROM tallies"), 200);
  check_rows(store);
}

TEST_F(SqliteStoreTest, AnErasedAccountsKeyIsNowhereInTheFiles) {
  SqliteStore store(options());
  Shop shop(store);
  ASSERT_TRUE(shop.open().ok());
  shop.stock(200, 1000);
  ASSERT_TRUE(shop.executor().flush().ok());
  std::vector<std::string> secrets;
  for (std::size_t i = 0; i < 200; i += 3) {
    const auto* const key =
        shop.executor().state().table<ledger::PersonalKey>().peek(shop.accounts()[i]);
    ASSERT_NE(key, nullptr);
    secrets.push_back(key->sealed.data);
  }
  EXPECT_NE((contents(path_) + contents(path_ + "-wal")).find(secrets[0]), std::string::npos);
  for (std::size_t i = 0; i < 200; i += 3) {
    market::EraseAccount command;
    command.account = shop.accounts()[i];
    const auto outcomes = shop.run({shop.request(command, "erase-" + std::to_string(i))});
    ASSERT_TRUE(outcomes.front().ok());
  }
  ASSERT_TRUE(shop.executor().tidy(false).ok());
  const std::string all = contents(path_) + contents(path_ + "-wal");
  for (const std::string& secret : secrets) EXPECT_EQ(all.find(secret), std::string::npos);
}

TEST_F(SqliteStoreTest, KeysInChunksAreKnownAgain) {
  std::vector<std::uint64_t> used;
  {
    SqliteStore store(small_limits(path_));
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
    shop.stock(30, 1'000'000);
    for (std::uint64_t i = 0; i < 40; ++i) {
      for (const auto& outcome : shop.buy(i * 250, 250)) ASSERT_TRUE(outcome.ok());
      ASSERT_TRUE(shop.executor().tidy(false).ok());
    }
    EXPECT_EQ(shop.executor().keys().size(), 10'061U);
  }
  auto db = open_for_reading(path_);
  EXPECT_GT(*db->number("SELECT count(*) FROM key_chunks"), 0);
  SqliteStore store(small_limits(path_));
  Shop shop(store, 9);
  ASSERT_TRUE(shop.open().ok());
  EXPECT_EQ(shop.executor().keys().size(), 10'061U);
}

}  // namespace
}  // namespace stardrop::storage
