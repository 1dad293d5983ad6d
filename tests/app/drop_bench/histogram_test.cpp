// The histogram: its error is bounded, its quantiles are those of a sorted list.
#include "app/drop_bench/histogram.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace stardrop::app {
namespace {

TEST(Histogram, EveryTimeIsWithinItsBucket) {
  std::uint64_t time = 1;
  std::size_t before = 0;
  for (int power = 0; power < 40; ++power, time *= 2) {
    for (const std::uint64_t near : {time - 1, time, time + time / 3}) {
      const std::size_t index = Histogram::index_of(near);
      ASSERT_LT(index, Histogram::kBuckets);
      EXPECT_GE(Histogram::top_of(index), near);
      EXPECT_LE(Histogram::top_of(index), near + near / 64);
    }
    EXPECT_GE(Histogram::index_of(time), before);
    before = Histogram::index_of(time);
  }
  EXPECT_EQ(Histogram::index_of(~std::uint64_t{0}), Histogram::kBuckets - 1);
}

TEST(Histogram, QuantilesAreThoseOfASortedList) {
  Histogram histogram;
  Random random(7);
  std::vector<std::uint64_t> times;
  for (int i = 0; i < 20'000; ++i) {
    times.push_back(random.below(1ULL << (10 + random.below(20))));
    histogram.add(times.back());
  }
  std::sort(times.begin(), times.end());
  for (const std::uint64_t quantile : {1U, 5000U, 9000U, 9900U, 9990U, 10'000U}) {
    const std::size_t rank = std::max<std::size_t>(1, (times.size() * quantile + 9999) / 10'000);
    const std::uint64_t exact = times[rank - 1];
    EXPECT_GE(histogram.quantile(quantile), exact);
    EXPECT_LE(histogram.quantile(quantile), exact + exact / 64 + 1);
  }
  EXPECT_EQ(histogram.max(), times.back());
  EXPECT_EQ(histogram.quantile(10'000), times.back());
}

TEST(Histogram, EmptyAndMerged) {
  Histogram a;
  EXPECT_EQ(a.quantile(9900), 0U);
  Histogram b;
  a.add(10);
  b.add(1000);
  a.add(b);
  EXPECT_EQ(a.count(), 2U);
  EXPECT_EQ(a.max(), 1000U);
  EXPECT_EQ(a.quantile(5000), 10U);
}

}  // namespace
}  // namespace stardrop::app
