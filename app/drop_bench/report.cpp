// The result of a drop, as text and JSON.
#include "app/drop_bench/report.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "app/cli/console.h"

namespace stardrop::app {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kSecond = 1'000'000'000;

std::int64_t per_second(std::uint64_t count, std::uint64_t ns) {
  return ns == 0 ? 0
                 : static_cast<std::int64_t>(static_cast<double>(count) * 1e9 /
                                             static_cast<double>(ns));
}

std::string ms(std::uint64_t ns) { return fixed(static_cast<double>(ns) / 1e6, 2); }

Json times_json(const Histogram& times) {
  const auto us = [](std::uint64_t ns) { return ns / 1000; };
  return {{"count", times.count()},
          {"p50_us", us(times.quantile(5000))},
          {"p90_us", us(times.quantile(9000))},
          {"p99_us", us(times.quantile(9900))},
          {"p999_us", us(times.quantile(9990))},
          {"max_us", us(times.max())}};
}

std::vector<std::string> times_row(std::string name, const Histogram& times) {
  return {std::move(name),          grouped(static_cast<std::int64_t>(times.count())),
          ms(times.quantile(5000)), ms(times.quantile(9000)),
          ms(times.quantile(9900)), ms(times.quantile(9990)),
          ms(times.max())};
}

Json options_json(const BenchOptions& options) {
  return {{"editions", options.editions},
          {"buyers", options.buyers},
          {"connections", options.connections},
          {"pipeline", options.pipeline},
          {"batch", options.batch},
          {"attempts_per_gift", options.attempts},
          {"replays_percent", options.replays},
          {"over_cap_percent", options.over_cap},
          {"poor_percent", options.poor},
          {"stars", options.stars},
          {"urls", options.urls},
          {"seed", options.seed}};
}

}  // namespace

std::int64_t Report::sales_per_second() const {
  return per_second(tally.sale_times.count(),
                    tally.sold_out_ns > 0 ? tally.sold_out_ns : tally.total_ns);
}
std::int64_t Report::late_refusals_per_second() const {
  return per_second(tally.late_refusals, tally.late_ns);
}
std::int64_t Report::answers_per_second() const {
  return per_second(static_cast<std::uint64_t>(attempts), tally.total_ns);
}

void print_report(const Report& report, std::ostream& out) {
  const Tally& tally = report.tally;
  out << "sold            " << grouped(report.sold) << " of " << grouped(report.supply) << '\n';
  out << "sales           " << grouped(report.sales_per_second()) << " a second\n";
  if (tally.sold_out_ns > 0) {
    out << "sold out after  " << fixed(static_cast<double>(tally.sold_out_ns) / 1e9, 2) << " s\n";
  }
  out << "late refusals   " << grouped(report.late_refusals_per_second()) << " a second\n";
  out << "attempts        " << grouped(report.attempts) << " in "
      << fixed(static_cast<double>(tally.total_ns) / 1e9, 2) << " s, "
      << grouped(report.answers_per_second()) << " answers a second\n";
  out << "sent again      " << grouped(static_cast<std::int64_t>(report.counts.retries))
      << ", connections lost " << grouped(static_cast<std::int64_t>(report.counts.connections_lost))
      << '\n';
  out << "client          "
      << fixed(tally.total_ns == 0
                   ? 0
                   : static_cast<double>(tally.client_cpu_ns) / static_cast<double>(tally.total_ns),
               2)
      << " of a core\n\n";
  TextTable times({"milliseconds", "count", "p50", "p90", "p99", "p99.9", "max"});
  times.add(times_row("purchases", tally.sale_times));
  times.add(times_row("replays", tally.replay_times));
  times.add(times_row("refusals", tally.refusal_times));
  times.add(times_row("late refusals", tally.late_refusal_times));
  times.print(out);
  out << '\n';
  TextTable refusals({"refused with", "times"});
  for (const auto& [code, count] : tally.refusals) {
    refusals.add({code.empty() ? "(no code)" : code, grouped(static_cast<std::int64_t>(count))});
  }
  refusals.print(out);
  out << '\n';
  TextTable checks({"check", "holds", ""});
  for (const Check& check : report.checks)
    checks.add({check.name, check.ok ? "yes" : "NO", check.detail});
  checks.print(out);
  for (const std::string& wrong : tally.wrong) out << "wrong: " << wrong << '\n';
  out << (report.ok() ? "\nEverything adds up.\n" : "\nSomething does not add up.\n");
}

std::string report_json(const Report& report) {
  const Tally& tally = report.tally;
  Json out;
  out["ok"] = report.ok();
  out["started_at"] = report.started_at;
  out["run"] = report.run;
  out["options"] = options_json(report.options);
  out["supply"] = report.supply;
  out["sold"] = report.sold;
  out["oversold"] = report.sold > report.supply ? report.sold - report.supply : 0;
  out["attempts"] = report.attempts;
  out["sales_per_second"] = report.sales_per_second();
  out["sold_out_ms"] =
      tally.sold_out_ns == 0 ? Json(nullptr) : Json(tally.sold_out_ns / (kSecond / 1000));
  out["late_refusals_per_second"] = report.late_refusals_per_second();
  out["answers_per_second"] = report.answers_per_second();
  out["total_ms"] = tally.total_ns / (kSecond / 1000);
  out["client_cpu_ms"] = tally.client_cpu_ns / (kSecond / 1000);
  out["purchases"] = times_json(tally.sale_times);
  out["replays"] = times_json(tally.replay_times);
  out["refusals"] = times_json(tally.refusal_times);
  out["late_refusals"] = times_json(tally.late_refusal_times);
  out["refusals_by_code"] = Json::object();
  for (const auto& [code, count] : tally.refusals)
    out["refusals_by_code"][code.empty() ? "(no code)" : code] = count;
  out["retries"] = report.counts.retries;
  out["connections_lost"] = report.counts.connections_lost;
  out["checks"] = Json::array();
  for (const Check& check : report.checks) {
    out["checks"].push_back({{"name", check.name}, {"ok", check.ok}, {"detail", check.detail}});
  }
  out["wrong_answers"] = tally.wrong_count;
  out["wrong"] = tally.wrong;
  out["slice_ms"] = kSliceNs / 1'000'000;
  out["slices"] = Json::array();
  for (const Slice& slice : tally.slices) {
    out["slices"].push_back({{"sales", slice.sales},
                             {"refusals", slice.refusals},
                             {"replays", slice.replays},
                             {"left", slice.left},
                             {"p50_us", slice.p50_ns / 1000},
                             {"p99_us", slice.p99_ns / 1000}});
  }
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace stardrop::app
