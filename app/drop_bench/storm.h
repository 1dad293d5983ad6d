// The storm of buyers: sends the crowd's attempts and judges every answer.
#pragma once

#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/drop_bench/crowd.h"
#include "app/drop_bench/load_loop.h"
#include "app/drop_bench/tally.h"

namespace stardrop::app {

/// Requests are numbered from 0; each holds up to `batch` attempts.
class Storm final : public Traffic {
 public:
  /// `run` begins every idempotency key, so that no two runs share one.
  Storm(const BenchOptions& options, Crowd& crowd, std::string run, ProgressBar& progress);

  std::optional<std::uint64_t> next() override;
  void write(std::uint64_t number, const Endpoint& to, std::string& out) override;
  Next answered(std::uint64_t number, const Answer& answer, std::uint64_t ns) override;
  void tick() override;

  /// Closes the measurement.
  void finish();
  Tally& tally() noexcept { return tally_; }

 private:
  Next judge(std::uint32_t number,
             int status,
             bool replayed,
             std::string_view body,
             std::uint64_t ns);
  void judge_success(std::uint32_t number,
                     int status,
                     bool replayed,
                     std::string_view body,
                     std::uint64_t ns);
  void judge_refusal(std::uint32_t number, std::string_view code, std::uint64_t ns);
  void wrong(std::uint32_t number, std::string_view what, std::string_view body);
  void append_params(std::string& out, const Attempt& attempt) const;
  void append_key(std::string& out, std::uint32_t key) const;
  void close_slices();

  const BenchOptions& options_;
  Crowd& crowd_;
  const std::string run_;
  ProgressBar& progress_;
  Tally tally_;
  Histogram slice_times_;
  Slice slice_;
  std::string body_;
  std::string key_;
  std::uint64_t attempts_wanted_ = 0;
  std::uint64_t attempts_max_ = 0;
  struct Range {
    std::uint32_t first;
    std::uint32_t count;
  };
  std::vector<Range> requests_;  ///< the attempts of each request
  std::uint64_t began_ = 0;
  std::uint64_t last_sale_ = 0;
  std::uint64_t last_answer_ = 0;
  std::uint64_t cpu_began_ = 0;
};

}  // namespace stardrop::app
