// Meters.
#include "app/engine_bench/meter.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <sys/resource.h>

namespace stardrop::bench {

Usage Usage::now() {
  Usage out;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  out.cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 + used.ru_utime.tv_usec +
               used.ru_stime.tv_usec;
  std::ifstream io("/proc/self/io");
  std::string name;
  std::int64_t value = 0;
  while (io >> name >> value) {
    if (name == "write_bytes:") out.written = value;
  }
  return out;
}

void Meter::end() {
  const auto passed = std::chrono::steady_clock::now() - started_;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(passed).count();
  pieces_us_.push_back(us);
  total_us_ += us;
}

std::int64_t Meter::percentile_us(int per_mille) {
  if (pieces_us_.empty()) return 0;
  std::ranges::sort(pieces_us_);
  const std::size_t at = pieces_us_.size() * static_cast<std::size_t>(per_mille) / 1000;
  return pieces_us_[std::min(at, pieces_us_.size() - 1)];
}

}  // namespace stardrop::bench
