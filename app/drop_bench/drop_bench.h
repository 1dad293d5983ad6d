// `drop bench`: a drop over HTTP with a crowd of buyers, and its verdict.
#pragma once

#include <optional>
#include <string>

#include "app/cli/console.h"
#include "app/drop_bench/report.h"

namespace stardrop::app {

/// What is wrong with the options; nothing if they are sound.
std::optional<std::string> check_bench_options(const BenchOptions& options);

/// Sets the drop up, runs it and judges it. The report, or a sentence saying why there is none.
struct BenchResult {
  std::optional<Report> report;
  std::string failure;
};
BenchResult run_drop_bench(const BenchOptions& options, const Console& console);

}  // namespace stardrop::app
