// What a stretch of work cost: time, processor time, bytes written.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace stardrop::bench {

/// What the process has used so far.
struct Usage {
  std::int64_t cpu_us = 0;
  std::int64_t written = 0;  ///< bytes given to the disk; /proc/self/io
  static Usage now();
};

/// Times pieces of work and keeps how long each took.
class Meter {
 public:
  void begin() { started_ = std::chrono::steady_clock::now(); }
  void end();

  std::int64_t total_us() const noexcept { return total_us_; }
  /// The duration that `per_mille` of the pieces did not exceed, in microseconds.
  std::int64_t percentile_us(int per_mille);

 private:
  std::chrono::steady_clock::time_point started_;
  std::vector<std::int64_t> pieces_us_;
  std::int64_t total_us_ = 0;
};

}  // namespace stardrop::bench
