// The test clock: forward only, and never behind its ledger.
#include "api/dev_clock.h"

#include <gtest/gtest.h>

namespace stardrop::api {
namespace {

constexpr Instant kStart{1'728'129'600'000'000};  // 2024-10-05T12:00:00Z

MoveClock seconds(std::int64_t count) { return {count, {}}; }

TEST(DevClock, RunsWithTheMachines) {
  ManualClock machine(kStart);
  DevClock clock(machine);
  EXPECT_EQ(clock.now(), kStart);
  ASSERT_TRUE(clock.move(seconds(10), "").ok());
  machine.advance(Duration::seconds(3));
  EXPECT_EQ(clock.now(), kStart.plus(Duration::seconds(13)));
}

TEST(DevClock, EndsWhereIdsEnd) {
  ManualClock machine(kStart);
  DevClock clock(machine);
  ASSERT_TRUE(clock.move({{}, DevClock::kLatest}, "").ok());
  EXPECT_EQ(rfc3339(clock.now()), "2090-01-01T00:00:00Z");
  const auto beyond = clock.move(seconds(1), "");
  ASSERT_FALSE(beyond.ok());
  EXPECT_EQ(beyond.error().code(), ErrorCode::invalid_value);
}

TEST(DevClock, GoesOnWhereTheLedgerStopped) {
  ManualClock machine(kStart);
  DevClock clock(machine);
  clock.not_before(kStart.plus(Duration::seconds(100)));
  EXPECT_EQ(clock.now(), kStart.plus(Duration::seconds(100)));
  clock.not_before(kStart.plus(Duration::seconds(50)));
  EXPECT_EQ(clock.now(), kStart.plus(Duration::seconds(100)));
}

TEST(DevClock, ForgetsOnlyTheOldestKeys) {
  ManualClock machine(kStart);
  DevClock clock(machine);
  for (std::size_t i = 0; i <= DevClock::kKeysMax; ++i) {
    ASSERT_FALSE(clock.move(seconds(1), std::to_string(i))->replayed);
  }
  EXPECT_TRUE(clock.move(seconds(1), "1")->replayed);
  EXPECT_FALSE(clock.move(seconds(1), "0")->replayed);
}

TEST(DevClock, ARefusedMoveDoesNotUseUpItsKey) {
  ManualClock machine(kStart);
  DevClock clock(machine);
  EXPECT_FALSE(clock.move({{}, Instant{1}}, "k").ok());
  EXPECT_TRUE(clock.move(seconds(1), "k").ok());
}

}  // namespace
}  // namespace stardrop::api
