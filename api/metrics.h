// Metrics in Prometheus' text format.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/stats.h"
#include "api/reversals.h"
#include "api/route.h"
#include "base/error.h"
#include "engine/engine.h"

namespace stardrop::api {

/// Counters by route, refusal and latency. Any thread; nothing here ever waits.
class Metrics {
 public:
  explicit Metrics(std::span<const Route> routes);

  /// A request was answered.
  void answered(const Route& route, unsigned status, std::int64_t took_us) noexcept;
  void refused(ErrorCode code) noexcept {
    refusals_[static_cast<std::size_t>(code)].fetch_add(1, std::memory_order_relaxed);
  }
  void late_buyer() noexcept { late_buyers_.fetch_add(1, std::memory_order_relaxed); }

  /// The whole page.
  std::string text(const engine::Engine& engine,
                   const http::Stats& transport,
                   const Reversals::Stats& reversals,
                   std::string_view version) const;

 private:
  static constexpr std::array<std::int64_t, 14> kBoundsUs{
      100,    250,    500,     1'000,   2'500,   5'000,     10'000,
      25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000};
  struct PerRoute {
    std::array<std::atomic<std::uint64_t>, 6> by_class{};  // 1xx … 5xx
    std::array<std::atomic<std::uint64_t>, kBoundsUs.size() + 1> buckets{};
    std::atomic<std::uint64_t> sum_us{0};
  };

  std::span<const Route> routes_;
  std::unique_ptr<PerRoute[]> per_route_;
  std::array<std::atomic<std::uint64_t>, kErrorCount> refusals_{};
  std::atomic<std::uint64_t> late_buyers_{0};
};

}  // namespace stardrop::api
