// What every store does the same, seen through the executor.
#include <optional>

#include <gtest/gtest.h>

#include "storage/faulty/faulty_store.h"
#include "storage/memory/memory_store.h"
#include "tests/storage/shop.h"
#include "tests/support/stores.h"

namespace stardrop {
namespace {

using testing::AnyStore;
using testing::check_journal;
using testing::check_rows;
using testing::dump;
using testing::kAllStores;
using testing::Shop;
using testing::StoreKind;

class StoreTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    if (!testing::is_at_hand(GetParam())) GTEST_SKIP() << testing::kNoPostgres;
    any_.emplace(GetParam());
  }
  engine::Store& store() { return any_->store(); }

  std::optional<AnyStore> any_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::ValuesIn(kAllStores), [](const auto& kind) {
  return testing::name_of_store(kind.param);
});

TEST_P(StoreTest, ANewStoreHasTheEnginesOwnAccounts) {
  Shop shop(store());
  ASSERT_TRUE(shop.open().ok());
  market::State state;
  ASSERT_TRUE(store().load_all(state).ok());
  EXPECT_EQ(state.table<ledger::Account>().size(), 3U);
  EXPECT_NE(state.table<ledger::Account>().peek(ledger::kIssuer), nullptr);
  EXPECT_FALSE(shop.executor().head().last_op.is_set());
}

TEST_P(StoreTest, EndsInTheSameRowsAsTheReference) {
  storage::MemoryStore reference;
  Shop expected(reference);
  Shop shop(store());
  for (Shop* each : {&expected, &shop}) {
    ASSERT_TRUE(each->open().ok());
    each->stock(20, 500);
    for (std::uint64_t i = 0; i < 400; ++i) {
      ASSERT_TRUE(each->buy(i).ok());
      ASSERT_TRUE(each->executor().tidy(i % 3 == 0).ok());
    }
    for (const auto& outcome : each->buy(400, 150)) static_cast<void>(outcome);
  }
  EXPECT_EQ(dump(reference), dump(store()));
  check_rows(store());
  EXPECT_EQ(check_journal(store()), check_journal(reference));
}

TEST_P(StoreTest, NobodyIsSentAwayForASaleThatNeverWas) {
  storage::FaultyStore faulty(store());
  Shop shop(faulty);
  ASSERT_TRUE(shop.open().ok());
  shop.stock(2, 1);
  faulty.fail_commit(storage::CommitFault::refused);
  for (const auto& outcome : shop.buy(0, 2)) {
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code(), ErrorCode::storage_unavailable);
  }
  const auto again = shop.buy(0, 2);
  EXPECT_TRUE(again[0].ok());
  ASSERT_FALSE(again[1].ok());
  EXPECT_EQ(again[1].error().code(), ErrorCode::sold_out);
}

TEST_P(StoreTest, KeepsEverythingAcrossACrash) {
  auto shop = std::make_unique<Shop>(store());
  ASSERT_TRUE(shop->open().ok());
  shop->stock(10, 1000);
  for (int round = 0; round < 20; ++round) {
    const auto first = static_cast<std::uint64_t>(round) * 20;
    for (std::uint64_t i = first; i < first + 10; ++i) {
      ASSERT_TRUE(shop->buy(i).ok());
      ASSERT_TRUE(shop->executor().tidy(i % 2 == 0).ok());
    }
    for (const auto& outcome : shop->buy(first + 10, 10)) ASSERT_TRUE(outcome.ok());
    const auto head = shop->executor().head();
    const std::string before = dump(store());
    any_->crash();
    auto next = std::make_unique<Shop>(store(), 1000U + static_cast<std::uint64_t>(round));
    next->adopt(*shop);
    ASSERT_TRUE(next->open().ok());
    shop = std::move(next);
    EXPECT_EQ(shop->executor().head().chain, head.chain);
    EXPECT_EQ(shop->executor().head().last_op, head.last_op);
    EXPECT_EQ(shop->executor().head().last_time, head.last_time);
    EXPECT_EQ(dump(store()), before);
    // Every key is still known, with its first answer.
    for (std::uint64_t i = 0; i < first + 20; i += 7) {
      const auto again = shop->buy(i);
      ASSERT_TRUE(again.ok());
      EXPECT_TRUE(again->replayed);
    }
  }
  check_rows(store());
  EXPECT_EQ(check_journal(store()).size(), 10U + 10U + 1U + 400U);
}

TEST_P(StoreTest, FindsTheBatchOfAnOperation) {
  Shop shop(store());
  ASSERT_TRUE(shop.open().ok());
  shop.stock(5, 100);
  const auto outcomes = shop.buy(0, 30);
  for (const auto& outcome : outcomes) {
    const auto batch = store().find_batch(outcome->op);
    ASSERT_TRUE(batch.ok());
    ASSERT_TRUE(batch->has_value());
    const auto entry = engine::find_entry(**batch, outcome->op);
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->at, outcome->at);
  }
  const auto none = store().find_batch(OpId(1));
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
}

TEST_P(StoreTest, ReadsTheJournalFromAnyPlaceUntilTold) {
  Shop shop(store());
  ASSERT_TRUE(shop.open().ok());
  shop.stock(5, 100);
  for (std::uint64_t i = 0; i < 10; ++i) ASSERT_TRUE(shop.buy(i).ok());
  std::vector<OpId> all;
  ASSERT_TRUE(store()
                  .read_journal(OpId(),
                                [&](const engine::JournalBatch& batch) {
                                  all.push_back(batch.first_op);
                                  return true;
                                })
                  .ok());
  ASSERT_EQ(all.size(), 12U);
  std::vector<OpId> some;
  ASSERT_TRUE(store()
                  .read_journal(all[4],
                                [&](const engine::JournalBatch& batch) {
                                  some.push_back(batch.first_op);
                                  return some.size() < 3;
                                })
                  .ok());
  EXPECT_EQ(some, std::vector<OpId>(all.begin() + 5, all.begin() + 8));
}

TEST_P(StoreTest, AFlushedStoreHasTheSameRows) {
  Shop shop(store());
  ASSERT_TRUE(shop.open().ok());
  shop.stock(10, 1000);
  for (const auto& outcome : shop.buy(0, 200)) ASSERT_TRUE(outcome.ok());
  const std::string before = dump(store());
  ASSERT_TRUE(shop.executor().flush().ok());
  EXPECT_EQ(dump(store()), before);
  ASSERT_TRUE(shop.buy(200).ok());
  check_rows(store());
}

}  // namespace
}  // namespace stardrop
