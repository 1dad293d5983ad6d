// Batches kept in memory: found by any of their operations, of each lane by itself, the oldest
// gone.
#include "engine/recent_batches.h"

#include <gtest/gtest.h>

namespace stardrop::engine {
namespace {

OpId op(std::int64_t number, std::uint32_t lane) {
  return OpId(number * ledger::kIdStep + std::int64_t{lane});
}

JournalBatch batch(std::uint32_t lane, std::int64_t first, std::int64_t last, std::size_t bytes) {
  JournalBatch out;
  out.lane = lane;
  out.first_op = op(first, lane);
  out.last_op = op(last, lane);
  out.body.assign(bytes, 'x');
  return out;
}

bool holds(const RecentBatches& recent, std::uint32_t lane, std::int64_t number) {
  const JournalBatch* const found = recent.find(op(number, lane));
  return found != nullptr && found->lane == lane && found->first_op <= op(number, lane) &&
         op(number, lane) <= found->last_op;
}

TEST(RecentBatches, FindsABatchByEachOfItsOperations) {
  RecentBatches recent(1000);
  EXPECT_FALSE(holds(recent, 0, 10));
  recent.add(batch(0, 10, 19, 1));
  recent.add(batch(0, 30, 30, 1));
  // Lanes lie between each other.
  recent.add(batch(1, 15, 35, 1));
  EXPECT_FALSE(holds(recent, 0, 9));
  EXPECT_TRUE(holds(recent, 0, 10));
  EXPECT_TRUE(holds(recent, 0, 19));
  EXPECT_FALSE(holds(recent, 0, 20));
  EXPECT_TRUE(holds(recent, 0, 30));
  EXPECT_FALSE(holds(recent, 0, 31));
  EXPECT_FALSE(holds(recent, 1, 10));
  EXPECT_TRUE(holds(recent, 1, 20));
  EXPECT_FALSE(holds(recent, 2, 20));
  recent.clear();
  EXPECT_FALSE(holds(recent, 0, 10));
}

TEST(RecentBatches, TheOldestGoFirst) {
  RecentBatches recent(100);
  for (std::int64_t i = 0; i < 5; ++i) recent.add(batch(0, i * 10 + 1, i * 10 + 1, 30));
  recent.add(batch(0, 41, 41, 30));  // that is there already
  EXPECT_FALSE(holds(recent, 0, 1));
  EXPECT_FALSE(holds(recent, 0, 11));
  EXPECT_TRUE(holds(recent, 0, 21));
  EXPECT_TRUE(holds(recent, 0, 41));
  // One that is larger than all they may take is kept until the next comes.
  recent.add(batch(0, 51, 51, 500));
  EXPECT_TRUE(holds(recent, 0, 51));
  EXPECT_FALSE(holds(recent, 0, 41));
  recent.add(batch(0, 61, 61, 1));
  EXPECT_FALSE(holds(recent, 0, 51));
  EXPECT_TRUE(holds(recent, 0, 61));
}

}  // namespace
}  // namespace stardrop::engine
