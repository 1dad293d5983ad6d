// A histogram of times with a constant relative error, after HdrHistogram.
#include "app/drop_bench/histogram.h"

#include <algorithm>

namespace stardrop::app {

void Histogram::add(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::quantile(std::uint64_t of_10000) const noexcept {
  if (count_ == 0) return 0;
  const std::uint64_t rank = std::max<std::uint64_t>(1, (count_ * of_10000 + 9999) / 10000);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(top_of(i), max_);
  }
  return max_;
}

}  // namespace stardrop::app
