// The generic cell rate algorithm: rates, periods, and clocks that are put back.
#include "api/rate_limiter.h"

#include <gtest/gtest.h>

namespace stardrop::api {
namespace {

constexpr Instant kStart{1'728'129'600'000'000};

TEST(RateLimiter, ABurstPassesAndThenTheRate) {
  RateLimiter limiter;
  const Rate rate{.requests = 60, .burst = 3, .period = Duration::seconds(60)};
  for (std::int64_t left = 2; left >= 0; --left) {
    const Verdict passed = limiter.take(1, rate, kStart);
    EXPECT_TRUE(passed.allowed);
    EXPECT_EQ(passed.remaining, left);
  }
  const Verdict over = limiter.take(1, rate, kStart);
  EXPECT_FALSE(over.allowed);
  EXPECT_EQ(over.retry_after, Duration::seconds(1));
  EXPECT_TRUE(limiter.take(2, rate, kStart).allowed) << "each name has its own";
  EXPECT_FALSE(limiter.take(1, rate, kStart.plus(Duration::milliseconds(999))).allowed);
  EXPECT_TRUE(limiter.take(1, rate, kStart.plus(Duration::seconds(1))).allowed);
}

TEST(RateLimiter, ToldToWaitIsRoundedUp) {
  EXPECT_EQ((Verdict{false, 0, Duration::milliseconds(100)}).retry_after_s(), 1);
  EXPECT_EQ((Verdict{false, 0, Duration::seconds(2)}).retry_after_s(), 2);
}

TEST(RateLimiter, AClockPutBackLocksNobodyOut) {
  RateLimiter limiter;
  const Rate rate{.requests = 10, .burst = 2};
  EXPECT_TRUE(limiter.take(1, rate, kStart).allowed);
  const Instant earlier = kStart.plus(Duration::seconds(-3600));
  const Verdict first = limiter.take(1, rate, earlier);
  EXPECT_FALSE(first.allowed);
  EXPECT_EQ(first.retry_after, Duration::milliseconds(100));
  EXPECT_TRUE(limiter.take(1, rate, earlier.plus(first.retry_after)).allowed);
}

TEST(RateLimiter, ZeroIsNoLimit) {
  RateLimiter limiter;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.take(1, {}, kStart).allowed);
}

}  // namespace
}  // namespace stardrop::api
