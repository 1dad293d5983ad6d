// The real store on a disk that loses power or breaks: nothing acknowledged is lost, nothing
// happens twice, nothing half.
#include <cstdlib>
#include <map>
#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "storage/sqlite/checksum_vfs.h"
#include "storage/sqlite/sqlite_store.h"
#include "tests/storage/power_cut_vfs.h"
#include "tests/storage/shop.h"
#include "tests/support/stores.h"

namespace stardrop {
namespace {

using storage::SqliteStore;
using testing::check_journal;
using testing::check_rows;
using testing::DiskCall;
using testing::PowerCutDisk;
using testing::Shop;
using testing::TempFolder;

/// How often to repeat: more with STARDROP_LONG=1.
int rounds(int few) { return std::getenv("STARDROP_LONG") != nullptr ? few * 200 : few; }

/// A shop whose store stands on the disk, and a witness of every answer.
class Witness {
 public:
  Witness(PowerCutDisk& disk, std::uint64_t seed) : disk_(disk), random_(seed) {
    options_ = testing::small_limits(folder_ / "stardrop.db");
    options_.synchronous = storage::Synchronous::full;
    options_.wal_bytes_max = std::size_t{32} << 10U;
    options_.vfs = PowerCutDisk::vfs_name();
  }

  /// Makes a store and opens it.
  Status open() {
    shop_.reset();
    store_ = std::make_unique<SqliteStore>(options_);
    auto shop = std::make_unique<Shop>(*store_, random_.next());
    if (last_) shop->adopt(*last_);
    const Status opened = shop->open();
    shop_ = std::move(shop);
    return opened;
  }
  void stock() {
    shop_->stock(12, 1'000'000);
    last_ = std::make_unique<Shop>(unused_);
    last_->adopt(*shop_);
  }
  /// The process ends, however it stands.
  void close() {
    if (shop_ && last_) last_->clock().set(shop_->clock().now());
    shop_.reset();
    store_.reset();
  }

  /// Buys for a while; stops at the first failure of the store. Returns whether it came through.
  bool trade(int batches) {
    for (int i = 0; i < batches; ++i) {
      const std::size_t count = 1 + random_.below(6);
      // Some of it was asked before: answered, unanswered or refused.
      const std::uint64_t first = random_.below(4) == 0 && next_ > 20 ? next_ - 20 : next_;
      next_ = std::max(next_, first + count);
      if (!buy(first, count)) return false;
      if (!shop_->executor().tidy(random_.below(3) == 0).ok()) return false;
    }
    return true;
  }

  /// Everything that was ever answered is there, once, as it was answered.
  void check() {
    check_rows(*store_);
    const auto ops = check_journal(*store_);
    const std::set<OpId> known(ops.begin(), ops.end());
    for (const auto& [number, op] : answered_) {
      ASSERT_TRUE(known.contains(op)) << "lost: purchase " << number << " of " << answered_.size()
                                      << ", there are " << ops.size() << " operations";
    }
    // Asked again under the same key, the answer is the same.
    for (const auto& [number, op] : answered_) {
      if (random_.below(answered_.size()) >= 5) continue;
      const auto again = shop_->buy(number);
      ASSERT_TRUE(again.ok());
      EXPECT_EQ(again->op, op);
      EXPECT_TRUE(again->replayed);
    }
  }
  std::size_t answered() const noexcept { return answered_.size(); }
  SqliteStore& store() noexcept { return *store_; }
  Shop& shop() noexcept { return *shop_; }
  const std::string& path() const noexcept { return options_.path; }

 private:
  bool buy(std::uint64_t first, std::size_t count) {
    const auto outcomes = shop_->buy(first, count);
    bool sound = true;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (outcomes[i].ok()) {
        const auto [at, fresh] = answered_.emplace(first + i, outcomes[i]->op);
        EXPECT_EQ(at->second, outcomes[i]->op) << "purchase " << first + i << " happened twice";
      } else {
        const auto code = outcomes[i].error().code();
        EXPECT_TRUE(code == ErrorCode::storage_unavailable || code == ErrorCode::outcome_unknown ||
                    code == ErrorCode::insufficient_funds)
            << info(code).code << ' ' << outcomes[i].error().detail_text();
        sound = sound && code == ErrorCode::insufficient_funds;
      }
    }
    return sound;
  }

  PowerCutDisk& disk_;
  Random random_;
  TempFolder folder_;
  storage::SqliteOptions options_;
  std::unique_ptr<SqliteStore> store_;
  std::unique_ptr<Shop> shop_;
  std::unique_ptr<Shop> last_;
  storage::SqliteStore unused_{storage::SqliteOptions()};
  std::map<std::uint64_t, OpId> answered_;
  std::uint64_t next_ = 0;
};

class PowerCutTest : public ::testing::TestWithParam<std::uint64_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, PowerCutTest, ::testing::Range<std::uint64_t>(1, 9));

TEST_P(PowerCutTest, NothingAcknowledgedIsLost) {
  Random random(GetParam());
  std::size_t answered = 0;
  for (int life = 0; life < rounds(10); ++life) {
    PowerCutDisk disk(random.next());
    Witness witness(disk, random.next());
    ASSERT_TRUE(witness.open().ok());
    witness.stock();
    for (int cut = 0; cut < 25; ++cut) {
      disk.cut_at_sync(static_cast<std::int64_t>(1 + random.below(40)));
      witness.trade(static_cast<int>(1 + random.below(60)));
      disk.cut();
      witness.close();
      disk.restart();
      // Now and then the power goes again while the store recovers.
      if (random.below(4) == 0) {
        disk.cut_at_sync(static_cast<std::int64_t>(1 + random.below(3)));
        static_cast<void>(witness.open());
        disk.cut();
        witness.close();
        disk.restart();
      }
      const Status opened = witness.open();
      ASSERT_TRUE(opened.ok()) << opened.error().detail_text();
      witness.check();
      if (HasFatalFailure()) return;
    }
    answered += witness.answered();
    witness.close();
    const auto pages = storage::verify_pages(witness.path(), PowerCutDisk::vfs_name());
    ASSERT_TRUE(pages.ok());
    EXPECT_EQ(pages->first_bad, 0);
    EXPECT_TRUE(pages->has_checksums);
  }
  EXPECT_GT(answered, 1000U);
}

struct Fault {
  DiskCall call;
  bool forever;
  bool full;
};

class DiskFaultTest : public ::testing::TestWithParam<Fault> {};

INSTANTIATE_TEST_SUITE_P(Faults,
                         DiskFaultTest,
                         ::testing::Values(Fault{DiskCall::write, false, false},
                                           Fault{DiskCall::write, true, false},
                                           Fault{DiskCall::write, false, true},
                                           Fault{DiskCall::write, true, true},
                                           Fault{DiskCall::read, false, false},
                                           Fault{DiskCall::read, true, false},
                                           Fault{DiskCall::truncate, true, false},
                                           Fault{DiskCall::sync, false, false},
                                           Fault{DiskCall::sync, true, false},
                                           Fault{DiskCall::open, false, false},
                                           Fault{DiskCall::open, true, false}));

/// Fails the first call, then the second, and so on until the work comes through untouched.
TEST_P(DiskFaultTest, TheNthCallFails) {
  const Fault fault = GetParam();
  bool came_through = false;
  const int most = rounds(150);
  for (int n = 1; n <= most && !came_through; n += 1 + n / 16) {
    SCOPED_TRACE(n);
    PowerCutDisk disk(static_cast<std::uint64_t>(n));
    Witness witness(disk, 5);
    ASSERT_TRUE(witness.open().ok());
    witness.stock();
    witness.close();
    disk.fail(fault.call, n, fault.forever, fault.full);
    if (witness.open().ok()) {
      witness.trade(20);
      // The store goes on by itself where it can: the next batch opens it anew.
      if (!witness.store().fatal()) witness.trade(5);
      if (fault.call == DiskCall::sync && disk.has_failed()) {
        EXPECT_TRUE(witness.store().fatal());
        EXPECT_FALSE(witness.shop().buy(1'000'000).ok()) << "answers after a failed sync";
      }
    }
    came_through = !disk.has_failed();
    if (!fault.forever && !disk.is_off() && witness.answered() > 0 && !witness.store().fatal()) {
      disk.heal();
      EXPECT_TRUE(witness.trade(3) || witness.trade(3)) << "it does not recover by itself";
    }
    // A failed sync is as bad as a cut: what was not synced may be gone.
    disk.cut();
    witness.close();
    disk.restart();
    const Status opened = witness.open();
    ASSERT_TRUE(opened.ok()) << opened.error().detail_text();
    witness.check();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace stardrop
