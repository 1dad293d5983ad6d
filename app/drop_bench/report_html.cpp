// The result of a drop, as one self-contained page.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

#include "app/cli/console.h"
#include "app/drop_bench/report.h"

namespace stardrop::app {

namespace {

constexpr double kPlotWidth = 860;
constexpr double kHeight = 220;
constexpr double kLeft = 70;
constexpr double kRight = 16;
constexpr double kBottom = 28;
constexpr double kTop = 12;

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #667080; --paper: #ffffff; --card: #f5f7fa; --line: #d8dee6;
  --sales: #2563c9; --refusals: #b4530a; --p99: #a1268c; --good: #176b37; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #98a2b1; --paper: #14171b; --card: #1d2127;
  --line: #343b45; --sales: #6ea3ff; --refusals: #f0a35e; --p99: #e58ad6; --good: #6fce8e; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 960px; padding: 24px 20px 48px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 17px; margin: 32px 0 8px; }
.sub { color: var(--soft); margin: 0 0 20px; }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 12px; }
.card { background: var(--card); border-radius: 10px; padding: 12px 14px; }
.card b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; } .card span { color: var(--soft); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: 13px; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; }
.scroll { overflow-x: auto; }
svg { width: 100%; height: auto; display: block; background: var(--card); border-radius: 10px; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .end { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
svg path { fill: none; stroke-width: 2; stroke-linejoin: round; }
.key { font-size: 13px; color: var(--soft); margin: 6px 0 0; } .key i { display: inline-block; width: 14px; height: 3px;
  margin: 0 6px 3px 14px; vertical-align: middle; } .key i:first-child { margin-left: 0; }
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string decimal(double value, int decimals) {
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return std::string(text.data(), static_cast<std::size_t>(size));
}

/// A round number that is not below `value` and has round quarters, to scale an axis with.
double rounded_up(double value) {
  double unit = 0.01;
  while (unit * 10 <= value) unit *= 10;
  for (const double step : {1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0}) {
    if (unit * step >= value) return unit * step;
  }
  return unit * 10;
}

/// A round number of seconds between two marks, so that there are four to ten of them.
double mark_every(double seconds) {
  double unit = 0.1;
  while (unit * 50 < seconds) unit *= 10;
  for (const double step : {1.0, 2.0, 5.0}) {
    if (unit * step * 10 >= seconds) return unit * step;
  }
  return unit * 10;
}

struct Point {
  double seconds;
  double value;
};

struct Line {
  std::string name;
  std::string color;
  std::vector<Point> points;  // a negative value is a gap
};

/// The frame of all plots of a report: the same time on the same place in each.
class Frame {
 public:
  Frame(double seconds, double sold_out_seconds)
      : seconds_(std::max(seconds, 0.1)), sold_out_(sold_out_seconds) {}

  /// A plot of lines, with its title and its key.
  std::string plot(const std::string& title, const std::vector<Line>& lines) const;

 private:
  double x(double seconds) const {
    return kLeft + (kPlotWidth - kLeft - kRight) * std::min(seconds / seconds_, 1.0);
  }
  static double y(double value, double top) {
    return kHeight - kBottom - (kHeight - kBottom - kTop) * value / top;
  }
  static std::string levels(double top);
  std::string times() const;

  const double seconds_;
  const double sold_out_;  // 0: it did not sell out
};

std::string Frame::levels(double top) {
  const int decimals = top >= 8 ? 0 : top >= 0.8 ? 1 : 3;
  std::string out;
  for (int i = 0; i <= 4; ++i) {
    const double value = top * i / 4;
    out += "<line class=\"grid\" x1=\"" + decimal(kLeft, 0) + "\" x2=\"" +
           decimal(kPlotWidth - kRight, 0) + "\" y1=\"" + decimal(y(value, top), 1) + "\" y2=\"" +
           decimal(y(value, top), 1) + "\"/><text x=\"" + decimal(kLeft - 8, 0) + "\" y=\"" +
           decimal(y(value, top) + 4, 1) + "\" text-anchor=\"end\">" +
           (decimals > 0 ? decimal(value, decimals)
                         : grouped(static_cast<std::int64_t>(value + 0.5))) +
           "</text>\n";
  }
  return out;
}

std::string Frame::times() const {
  const double every = mark_every(seconds_);
  std::string out;
  for (int i = 0; every * i <= seconds_; ++i) {
    const double at = x(every * i);
    // At the right edge the middle of a text would be outside.
    const bool last = at > kPlotWidth - kRight - 20;
    out += "<text x=\"" + decimal(last ? kPlotWidth - 4 : at, 1) + "\" y=\"" +
           decimal(kHeight - 8, 0) + "\" text-anchor=\"" + (last ? "end" : "middle") + "\">" +
           decimal(every * i, every < 1 ? 1 : 0) + " s</text>\n";
  }
  if (sold_out_ > 0) {
    const double at = x(sold_out_);
    const bool left = at > kPlotWidth - 90;
    out += "<line class=\"end\" x1=\"" + decimal(at, 1) + "\" x2=\"" + decimal(at, 1) + "\" y1=\"" +
           decimal(kTop, 0) + "\" y2=\"" + decimal(kHeight - kBottom, 0) + "\"/><text x=\"" +
           decimal(at + (left ? -6 : 6), 1) + "\" y=\"" + decimal(kTop + 12, 0) +
           "\" text-anchor=\"" + (left ? "end" : "start") + "\">sold out</text>\n";
  }
  return out;
}

std::string Frame::plot(const std::string& title, const std::vector<Line>& lines) const {
  double top = 0;
  for (const Line& line : lines) {
    for (const Point& point : line.points) top = std::max(top, point.value);
  }
  top = rounded_up(top);
  std::string out = "<h2>" + title + "</h2>\n<svg viewBox=\"0 0 " + decimal(kPlotWidth, 0) + " " +
                    decimal(kHeight, 0) + "\" role=\"img\" aria-label=\"" + title + "\">\n" +
                    levels(top) + times();
  std::string key;
  for (const Line& line : lines) {
    std::string path;
    bool drawing = false;
    for (const Point& point : line.points) {
      const bool shown = point.value >= 0;
      if (shown) {
        path += (drawing ? "L" : "M") + decimal(x(point.seconds), 1) + " " +
                decimal(y(point.value, top), 1);
      }
      drawing = shown;
    }
    out += "<path d=\"" + path + "\" style=\"stroke:" + line.color + "\"/>\n";
    key += "<i style=\"background:" + line.color + "\"></i>" + line.name;
  }
  out += "</svg>\n";
  return lines.size() > 1 ? out + "<p class=\"key\">" + key + "</p>\n" : out;
}

constexpr double kSliceSeconds = static_cast<double>(kSliceNs) / 1e9;

/// A line of what happened within each slice.
Line line(const Report& report,
          std::string name,
          std::string color,
          const std::function<double(const Slice&)>& value) {
  Line out{std::move(name), std::move(color), {}};
  const auto& slices = report.tally.slices;
  // The last slice is not a whole one: its rates would look like a fall.
  const std::size_t count = slices.size() > 2 ? slices.size() - 1 : slices.size();
  for (std::size_t i = 0; i < count; ++i) {
    out.points.push_back({(static_cast<double>(i) + 0.5) * kSliceSeconds, value(slices[i])});
  }
  return out;
}

/// The line of what was left at the end of each slice.
Line left_line(const Report& report) {
  Line out{"left", "var(--sales)", {{0, static_cast<double>(report.supply)}}};
  const auto& slices = report.tally.slices;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const double end = std::min(static_cast<double>(i + 1) * kSliceSeconds,
                                static_cast<double>(report.tally.total_ns) / 1e9);
    out.points.push_back({end, static_cast<double>(slices[i].left)});
  }
  return out;
}

std::string card(const std::string& value, const std::string& name) {
  return "<div class=\"card\"><b>" + value + "</b><span>" + name + "</span></div>\n";
}

std::string times_html(const std::string& name, const Histogram& times) {
  std::string out = "<tr><td>" + name + "</td><td class=\"n\">" +
                    grouped(static_cast<std::int64_t>(times.count())) + "</td>";
  for (const std::uint64_t quantile : {5000U, 9000U, 9900U, 9990U}) {
    out += "<td class=\"n\">" + decimal(static_cast<double>(times.quantile(quantile)) / 1e6, 2) +
           "</td>";
  }
  return out + "<td class=\"n\">" + decimal(static_cast<double>(times.max()) / 1e6, 2) +
         "</td></tr>\n";
}

std::string plots(const Report& report) {
  const auto rate = [](std::uint64_t count) { return static_cast<double>(count) / kSliceSeconds; };
  const auto ms = [](std::uint64_t ns) { return ns == 0 ? -1.0 : static_cast<double>(ns) / 1e6; };
  const Frame frame(static_cast<double>(report.tally.total_ns) / 1e9,
                    static_cast<double>(report.tally.sold_out_ns) / 1e9);
  return frame.plot("Answers per second", {line(report, "sales", "var(--sales)",
                                                [&](const Slice& s) { return rate(s.sales); }),
                                           line(report, "refusals", "var(--refusals)",
                                                [&](const Slice& s) { return rate(s.refusals); }),
                                           line(report, "replays", "var(--p99)",
                                                [&](const Slice& s) { return rate(s.replays); })}) +
         frame.plot("Gifts left", {left_line(report)}) +
         frame.plot("Milliseconds to an acknowledged purchase",
                    {line(report, "half within", "var(--sales)",
                          [&](const Slice& s) { return ms(s.p50_ns); }),
                     line(report, "99 % within", "var(--p99)",
                          [&](const Slice& s) { return ms(s.p99_ns); })});
}

std::string tables(const Report& report) {
  const Tally& tally = report.tally;
  std::string out =
      "<h2>Times in milliseconds</h2>\n<div class=\"scroll\"><table><tr><th></th><th "
      "class=\"n\">count</th><th class=\"n\">p50</th>"
      "<th class=\"n\">p90</th><th class=\"n\">p99</th><th class=\"n\">p99.9</th><th "
      "class=\"n\">max</th></tr>\n";
  out += times_html("purchases", tally.sale_times) + times_html("replays", tally.replay_times) +
         times_html("refusals", tally.refusal_times) +
         times_html("late refusals", tally.late_refusal_times);
  out +=
      "</table></div>\n<h2>Refusals</h2>\n<div class=\"scroll\"><table><tr><th>code</th><th "
      "class=\"n\">times</th></tr>\n";
  for (const auto& [code, count] : tally.refusals) {
    out += "<tr><td>" + escaped(code.empty() ? "(no code)" : code) + "</td><td class=\"n\">" +
           grouped(static_cast<std::int64_t>(count)) + "</td></tr>\n";
  }
  out += "</table></div>\n<h2>Does everything add up?</h2>\n<div class=\"scroll\"><table>\n";
  for (const Check& check : report.checks) {
    out += "<tr><td class=\"" + std::string(check.ok ? "good\">yes" : "bad\">no") + "</td><td>" +
           escaped(check.name) + "</td><td>" + escaped(check.detail) + "</td></tr>\n";
  }
  out += "</table></div>\n";
  for (const std::string& wrong : tally.wrong)
    out += "<p class=\"bad\">" + escaped(wrong) + "</p>\n";
  return out;
}

}  // namespace

std::string report_html(const Report& report) {
  const Tally& tally = report.tally;
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Stardrop: a drop of " +
      grouped(report.supply) + "</title>\n<style>" + std::string(kStyle) +
      "</style></head><body>\n";
  out += "<h1>A drop of " + grouped(report.supply) + " gifts</h1>\n<p class=\"sub\">" +
         escaped(report.started_at) + ", " + grouped(report.options.buyers) + " buyers over " +
         grouped(report.options.connections) + " connections, " +
         (report.options.batch == 1 ? std::string("one purchase per request")
                                    : grouped(report.options.batch) + " purchases per request") +
         (report.options.pipeline == 1
              ? std::string()
              : ", " + grouped(report.options.pipeline) + " requests in flight on each") +
         "</p>\n<p class=\"verdict " +
         (report.ok() ? "good\">Everything adds up." : "bad\">Something does not add up.") +
         "</p>\n<div class=\"cards\">\n";
  out += card(grouped(report.sold), "sold of " + grouped(report.supply));
  out += card(grouped(report.sales_per_second()), "sales a second");
  if (tally.sold_out_ns > 0)
    out += card(decimal(static_cast<double>(tally.sold_out_ns) / 1e9, 2) + " s", "to sell out");
  out += card(decimal(static_cast<double>(tally.sale_times.quantile(9900)) / 1e6, 2) + " ms",
              "99 % of purchases within");
  out += card(grouped(report.late_refusals_per_second()), "late refusals a second");
  out += card(grouped(static_cast<std::int64_t>(tally.replays)), "replays, byte for byte");
  return out + "</div>\n" + plots(report) + tables(report) + "</body></html>\n";
}

}  // namespace stardrop::app
