// The result of a drop, as text, JSON and a page.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "app/drop_bench/crowd.h"
#include "app/drop_bench/load_loop.h"
#include "app/drop_bench/tally.h"
#include "app/drop_bench/verdict.h"

namespace stardrop::app {

/// Everything there is to report.
struct Report {
  BenchOptions options;
  std::string started_at;  ///< RFC 3339
  std::string run;
  std::int64_t supply = 0;
  std::int64_t sold = 0;
  std::int64_t attempts = 0;
  LoadCounts counts;
  Tally tally;
  std::vector<Check> checks;

  bool ok() const { return all_hold(checks); }
  /// Sales per second until everything was sold, or over the whole time if it was not.
  std::int64_t sales_per_second() const;
  /// Refusals per second after everything was sold.
  std::int64_t late_refusals_per_second() const;
  /// Answers of all kinds per second.
  std::int64_t answers_per_second() const;
};

/// For people.
void print_report(const Report& report, std::ostream& out);
/// For programs; one object, indented.
std::string report_json(const Report& report);
/// One self-contained page with plots.
std::string report_html(const Report& report);

}  // namespace stardrop::app
