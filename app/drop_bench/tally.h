// What was measured in a drop: counts, times, and how they went over time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/drop_bench/histogram.h"

namespace stardrop::app {

/// A quarter of a second of the drop.
struct Slice {
  std::uint64_t sales = 0;
  std::uint64_t refusals = 0;
  std::uint64_t replays = 0;
  std::int64_t left = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p99_ns = 0;
};

/// How long a slice is.
inline constexpr std::uint64_t kSliceNs = 250'000'000;

/// Everything the storm measured.
struct Tally {
  Histogram sale_times;
  Histogram replay_times;
  Histogram refusal_times;
  Histogram late_refusal_times;                                ///< after everything was sold
  std::map<std::string, std::uint64_t, std::less<>> refusals;  ///< by code
  std::uint64_t replays = 0;
  std::uint64_t late_refusals = 0;
  std::uint64_t sold_out_ns = 0;  ///< first request to last sale; 0 if it did not sell out
  std::uint64_t late_ns = 0;      ///< how long the late buyers were measured
  std::uint64_t total_ns = 0;
  std::uint64_t client_cpu_ns = 0;
  std::vector<Slice> slices;
  std::uint64_t wrong_count = 0;
  std::vector<std::string> wrong;  ///< the first answers that should not have been
};

/// Most wrong answers that are kept as text.
inline constexpr std::size_t kWrongMax = 20;

}  // namespace stardrop::app
