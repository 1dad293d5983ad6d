// Backups under load, restores, and what is refused.
#include "storage/sqlite/backup.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "storage/sqlite/checksum_vfs.h"
#include "storage/sqlite/sqlite_store.h"
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

class BackupTest : public ::testing::Test {
 protected:
  void damage(const std::string& path, std::int64_t offset) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(offset);
    const int before = file.get();
    file.seekp(offset);
    file.put(static_cast<char>(before ^ 1));
  }
  TempFolder folder_;
  std::string path_ = folder_ / "stardrop.db";
  std::string copy_ = folder_ / "copy.db";
};

TEST_F(BackupTest, IsACutOfTheLivingDatabase) {
  std::string at_cut;
  std::string at_end;
  engine::LaneHead head;
  {
    SqliteStore store(small_limits(path_));
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
    shop.stock(20, 5000);
    for (std::uint64_t i = 0; i < 300; ++i) {
      ASSERT_TRUE(shop.buy(i).ok());
      ASSERT_TRUE(shop.executor().tidy(true).ok());
    }
    at_cut = dump(store);
    head = shop.executor().head();
    std::int64_t calls = 0;
    const Status backed = back_up(path_, copy_, [&](std::int64_t done, std::int64_t total) {
      ++calls;
      EXPECT_LE(done, total);
      // The engine goes on; the copy does not see it.
      for (std::uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(shop.buy(1000 + i).ok());
      ASSERT_TRUE(shop.executor().tidy(true).ok());
    });
    ASSERT_TRUE(backed.ok()) << backed.error().detail_text();
    EXPECT_GT(calls, 0);
    at_end = dump(store);
    EXPECT_NE(at_cut, at_end);
  }
  const auto pages = verify_pages(copy_);
  ASSERT_TRUE(pages.ok());
  EXPECT_TRUE(pages->has_checksums);
  EXPECT_EQ(pages->first_bad, 0);
  const auto report = verify_database(copy_);
  ASSERT_TRUE(report.ok()) << report.error().detail_text();
  EXPECT_EQ(report->last_op, head.last_op);
  EXPECT_EQ(report->chain, head.chain);
  EXPECT_EQ(report->operations, 341);

  const auto restored = restore(copy_, path_);
  ASSERT_TRUE(restored.ok()) << restored.error().detail_text();
  SqliteStore store(small_limits(path_));
  Shop shop(store, 77);
  ASSERT_TRUE(shop.open().ok());
  EXPECT_EQ(dump(store), at_cut);
  check_rows(store);
  EXPECT_EQ(shop.executor().head().chain, head.chain);
  // What stood there before is kept.
  SqliteStore before(small_limits(path_ + ".replaced"));
  Shop old(before, 78);
  ASSERT_TRUE(old.open().ok());
  EXPECT_EQ(dump(before), at_end);
}

TEST_F(BackupTest, RefusesToOverwriteABackup) {
  {
    SqliteStore store(small_limits(path_));
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
  }
  ASSERT_TRUE(back_up(path_, copy_).ok());
  const Status again = back_up(path_, copy_);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(reason_of(again.error()), "exists");
}

TEST_F(BackupTest, RefusesToRestoreOverAnOpenDatabase) {
  SqliteStore store(small_limits(path_));
  Shop shop(store);
  ASSERT_TRUE(shop.open().ok());
  shop.stock(3, 10);
  ASSERT_TRUE(back_up(path_, copy_).ok());
  const auto restored = restore(copy_, path_);
  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(reason_of(restored.error()), "locked");
  EXPECT_TRUE(shop.buy(0).ok());
}

TEST_F(BackupTest, RefusesADamagedBackupAndLeavesTheOldOne) {
  {
    SqliteStore store(small_limits(path_));
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
    shop.stock(10, 1000);
    for (const auto& outcome : shop.buy(0, 200)) ASSERT_TRUE(outcome.ok());
  }
  ASSERT_TRUE(back_up(path_, copy_).ok());
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(copy_));
  damage(copy_, size / 2);
  EXPECT_FALSE(restore(copy_, path_).ok());
  EXPECT_FALSE(verify_database(copy_).ok());
  EXPECT_TRUE(verify_database(path_).ok());
  EXPECT_FALSE(std::filesystem::exists(path_ + ".restoring"));
}

TEST_F(BackupTest, RefusesWhatIsNotThere) {
  EXPECT_FALSE(back_up(folder_ / "nothing.db", copy_).ok());
  EXPECT_FALSE(std::filesystem::exists(copy_));
  const auto report = verify_database(folder_ / "nothing.db");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(reason_of(report.error()), "not_found");
}

TEST_F(BackupTest, EveryFlippedBitIsFound) {
  {
    SqliteStore store(small_limits(path_));
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
    shop.stock(10, 1000);
    for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(shop.buy(i).ok());
    ASSERT_TRUE(shop.executor().flush().ok());
  }
  std::string bytes;
  {
    std::ifstream in(path_, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  Random random(11);
  std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t at = i < 100 ? static_cast<std::uint64_t>(i) : random.below(bytes.size());
    const auto flipped = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    file.seekp(static_cast<std::int64_t>(at));
    file.put(flipped).flush();
    const auto pages = verify_pages(path_);
    if (pages.ok()) {
      EXPECT_EQ(pages->first_bad, static_cast<std::int64_t>(at / 4096) + 1) << "byte " << at;
    } else {
      EXPECT_LT(at, 18U) << "only a lost header makes it no database";
    }
    file.seekp(static_cast<std::int64_t>(at));
    file.put(bytes[at]).flush();
  }
  const auto pages = verify_pages(path_);
  ASSERT_TRUE(pages.ok());
  EXPECT_EQ(pages->first_bad, 0);
  EXPECT_EQ(pages->pages, static_cast<std::int64_t>(bytes.size() / 4096));
}

TEST_F(BackupTest, ADamagedPageIsNoticedWhenItIsRead) {
  {
    SqliteStore store(small_limits(path_));
    Shop shop(store);
    ASSERT_TRUE(shop.open().ok());
    shop.stock(10, 1000);
    for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(shop.buy(i).ok());
    ASSERT_TRUE(shop.executor().flush().ok());
  }
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(path_));
  int noticed = 0;
  for (std::int64_t page = 0; page < size / 4096; ++page) {
    damage(path_, page * 4096 + 2000);
    SqliteStore store(small_limits(path_));
    market::State state;
    market::State all;
    noticed += !store.open(state, [](auto, auto) {}).ok() || !store.load_all(all).ok() ||
                       !store.read_journal(OpId(), [](const auto&) { return true; }).ok()
                   ? 1
                   : 0;
    damage(path_, page * 4096 + 2000);
  }
  // Pages that nothing reads, such as free ones, are left to verify_pages.
  EXPECT_GT(noticed, size / 4096 / 2);
}

}  // namespace
}  // namespace stardrop::storage
