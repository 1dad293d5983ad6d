// RFC 3339: what is written is what is meant, and is read as that.
#include "base/time.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace stardrop {
namespace {

TEST(Rfc3339, WritesEveryPartInFullWidth) {
  EXPECT_EQ(rfc3339(Instant{0}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(Instant{1'728'129'600'000'000}), "2024-10-05T12:00:00Z");
  EXPECT_EQ(rfc3339(Instant{1'709'164'799'000'000}), "2024-02-28T23:59:59Z");
  EXPECT_EQ(rfc3339(Instant{1'709'164'800'000'000}), "2024-02-29T00:00:00Z");
  EXPECT_EQ(rfc3339(Instant{3'723'000'000}), "1970-01-01T01:02:03Z");
  EXPECT_EQ(rfc3339(Instant{253'402'300'799'999'999}), "9999-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, WritesAsManyDigitsOfASecondAsItTakes) {
  EXPECT_EQ(rfc3339(Instant{5'000}), "1970-01-01T00:00:00.005Z");
  EXPECT_EQ(rfc3339(Instant{120'000}), "1970-01-01T00:00:00.120Z");
  EXPECT_EQ(rfc3339(Instant{7}), "1970-01-01T00:00:00.000007Z");
  EXPECT_EQ(rfc3339(Instant{120'001}), "1970-01-01T00:00:00.120001Z");
}

TEST(Rfc3339, WritesTimesBeforeTheEpoch) {
  EXPECT_EQ(rfc3339(Instant{-1}), "1969-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, IsReadAsItWasWritten) {
  Random random(7);
  for (int i = 0; i < 10'000; ++i) {
    const Instant at{static_cast<std::int64_t>(random.below(253'402'300'800'000'000ULL))};
    EXPECT_EQ(parse_rfc3339(rfc3339(at)), at) << at.us;
  }
}

}  // namespace
}  // namespace stardrop
