// A histogram of times with a constant relative error, after HdrHistogram.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace stardrop::app {

/// Counts times in nanoseconds, each to within 1/64 (1.6 %). Adding costs a few instructions.
class Histogram {
 public:
  /// 64 steps for each power of two.
  static constexpr unsigned kStepBits = 6;
  static constexpr std::size_t kSteps = std::size_t{1} << kStepBits;
  /// Up to 2^40 ns, 18 minutes; what is longer counts as that.
  static constexpr unsigned kPowers = 40;
  static constexpr std::size_t kBuckets = (kPowers - kStepBits + 1) * kSteps;

  void add(std::uint64_t ns) noexcept {
    ++counts_[index_of(ns)];
    ++count_;
    if (ns > max_) max_ = ns;
  }
  void add(const Histogram& other) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  std::uint64_t max() const noexcept { return max_; }
  /// The time that `permille10` of 10,000 were not above, as the upper end of its bucket; 0 if
  /// empty. 9990 is the 99.9th percentile.
  std::uint64_t quantile(std::uint64_t of_10000) const noexcept;

  /// The bucket of a time.
  static constexpr std::size_t index_of(std::uint64_t ns) noexcept {
    constexpr std::uint64_t kLast = (std::uint64_t{1} << kPowers) - 1;
    if (ns > kLast) ns = kLast;
    if (ns < kSteps) return static_cast<std::size_t>(ns);
    const auto power = static_cast<unsigned>(std::bit_width(ns)) - 1;
    const unsigned shift = power - kStepBits;
    return (static_cast<std::size_t>(shift) + 1) * kSteps +
           static_cast<std::size_t>((ns >> shift) - kSteps);
  }
  /// The largest time of a bucket.
  static constexpr std::uint64_t top_of(std::size_t index) noexcept {
    if (index < kSteps) return index;
    const std::size_t shift = index / kSteps - 1;
    const std::uint64_t low = (index % kSteps + kSteps) << shift;
    return low + (std::uint64_t{1} << shift) - 1;
  }

 private:
  std::array<std::uint32_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace stardrop::app
