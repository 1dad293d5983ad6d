// Prometheus text (exposition format 0.0.4).
#include "api/metrics.h"

#include <cinttypes>
#include <cstdio>

namespace stardrop::api {
namespace {

std::string_view verb(http::Method method) { return method == http::Method::post ? "POST" : "GET"; }

std::string seconds(std::int64_t us) {
  char buffer[40];
  const int size = std::snprintf(buffer, sizeof buffer, "%" PRId64 ".%06" PRId64, us / 1'000'000,
                                 us % 1'000'000);
  return std::string(buffer, static_cast<std::size_t>(size));
}

/// One page being written.
class MetricsPage {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    out.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
    out.append(name).append(" ").append(type).append("\n");
  }
  void line(std::string_view name, std::string_view labels, std::string_view value) {
    out.append(name);
    if (!labels.empty()) out.append("{").append(labels).append("}");
    out.append(" ").append(value).append("\n");
  }
  void number(std::string_view name, std::string_view labels, std::uint64_t value) {
    line(name, labels, std::to_string(value));
  }
  void single(std::string_view name,
              std::string_view type,
              std::string_view help,
              std::uint64_t value) {
    family(name, type, help);
    number(name, {}, value);
  }
  std::string out;
};

void write_engine(MetricsPage& page, const engine::EngineStats& stats) {
  const auto counter = [&page](std::string_view name, std::string_view help,
                               const std::atomic<std::uint64_t>& value) {
    page.single(name, "counter", help, value.load(std::memory_order_relaxed));
  };
  counter("stardrop_commands_total", "Commands carried out.", stats.commands);
  counter("stardrop_command_refusals_total", "Commands the engine refused.", stats.refusals);
  counter("stardrop_command_replays_total", "Requests answered from the journal.", stats.replays);
  counter("stardrop_batches_total", "Transactions committed.", stats.batches);
  counter("stardrop_reads_total", "Reads on the engine's thread.", stats.reads);
  counter("stardrop_overloaded_total", "Requests refused because the queue was full.",
          stats.overloaded);
  counter("stardrop_invariant_violations_total", "Commands stopped by an invariant; must be 0.",
          stats.violations);
  counter("stardrop_commit_failures_total", "Batches the store could not commit.",
          stats.commit_failures);
  counter("stardrop_batches_redone_total", "Batches made again: another node was in the way.",
          stats.redone);
  counter("stardrop_news_rings_total", "Times another node rang because it had committed.",
          stats.woken);
  page.single("stardrop_news_bell", "gauge",
              "1 if the nodes of a database ring for each other, 0 if they look all the time.",
              stats.bell.load(std::memory_order_relaxed) ? 1 : 0);
  page.single("stardrop_nodes_alive", "gauge", "Nodes that work on the database, this one too.",
              stats.writers.load(std::memory_order_relaxed));
  page.single("stardrop_queue_length", "gauge", "Work waiting for the engine.",
              stats.queued.load(std::memory_order_relaxed));
  page.family("stardrop_ledger_commit_seconds", "summary", "Time per batch, apply and commit.");
  page.line("stardrop_ledger_commit_seconds_sum", {},
            seconds(static_cast<std::int64_t>(stats.commit_us.load(std::memory_order_relaxed))));
  page.number("stardrop_ledger_commit_seconds_count", {},
              stats.batches.load(std::memory_order_relaxed));
  page.family("stardrop_ledger_commit_max_seconds", "gauge", "Longest batch since the start.");
  page.line(
      "stardrop_ledger_commit_max_seconds", {},
      seconds(static_cast<std::int64_t>(stats.commit_us_max.load(std::memory_order_relaxed))));
}

void write_transport(MetricsPage& page, const http::Stats& stats) {
  page.single("stardrop_http_connections_open", "gauge", "Connections open now.",
              stats.connections_open);
  page.single("stardrop_http_connections_total", "counter", "Connections accepted.",
              stats.connections_accepted);
  page.single("stardrop_http_connections_refused_total", "counter", "Connections over a cap.",
              stats.connections_refused);
  page.single("stardrop_http_received_bytes_total", "counter", "Bytes received.",
              stats.bytes_received);
  page.single("stardrop_http_sent_bytes_total", "counter", "Bytes sent.", stats.bytes_sent);
  page.single("stardrop_websockets_open", "gauge", "WebSockets open now.", stats.websockets_open);
  page.single("stardrop_event_streams_open", "gauge", "Event streams open now.",
              stats.event_streams_open);
  page.single("stardrop_slow_watchers_dropped_total", "counter", "Watchers that lagged behind.",
              stats.slow_watchers_dropped);
  page.family("stardrop_http_door_refusals_total", "counter", "Requests refused unread.");
  for (std::size_t i = 1; i < stats.refusals.size(); ++i) {
    if (stats.refusals[i] == 0) continue;
    const std::string label =
        "reason=\"" + std::string(http::info(static_cast<http::Door>(i)).name) + '"';
    page.number("stardrop_http_door_refusals_total", label, stats.refusals[i]);
  }
}

void write_reversals(MetricsPage& page, const Reversals::Stats& stats) {
  page.single("stardrop_reversals_total", "counter", "Reversals of top-ups carried out.",
              stats.reversals);
  page.single("stardrop_reversed_stars_total", "counter", "Stars those reversals were about.",
              stats.stars);
  page.single("stardrop_reversals_alarm", "gauge",
              "1 if a reversal was refused within the last minute because there were too many.",
              stats.alarm ? 1 : 0);
}

}  // namespace

Metrics::Metrics(std::span<const Route> routes)
    : routes_(routes), per_route_(new PerRoute[routes.size()]) {}

void Metrics::answered(const Route& route, unsigned status, std::int64_t took_us) noexcept {
  PerRoute& counts = per_route_[static_cast<std::size_t>(&route - routes_.data())];
  counts.by_class[status / 100].fetch_add(1, std::memory_order_relaxed);
  std::size_t bucket = 0;
  while (bucket < kBoundsUs.size() && took_us > kBoundsUs[bucket]) ++bucket;
  counts.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  counts.sum_us.fetch_add(static_cast<std::uint64_t>(took_us < 0 ? 0 : took_us),
                          std::memory_order_relaxed);
}

std::string Metrics::text(const engine::Engine& engine,
                          const http::Stats& transport,
                          const Reversals::Stats& reversals,
                          std::string_view version) const {
  MetricsPage page;
  page.family("stardrop_build_info", "gauge", "What is running.");
  page.number("stardrop_build_info", "version=\"" + std::string(version) + '"', 1);
  write_engine(page, engine.stats());
  write_transport(page, transport);
  write_reversals(page, reversals);
  page.single("stardrop_late_buyers_total", "counter", "Sold-out answers given at the door.",
              late_buyers_.load(std::memory_order_relaxed));
  page.family("stardrop_refusals_total", "counter", "Problems answered, by code.");
  for (std::size_t i = 0; i < refusals_.size(); ++i) {
    const std::uint64_t count = refusals_[i].load(std::memory_order_relaxed);
    if (count == 0) continue;
    const std::string label = "code=\"" + std::string(info(static_cast<ErrorCode>(i)).code) + '"';
    page.number("stardrop_refusals_total", label, count);
  }
  page.family("stardrop_drop_left", "gauge", "Gifts left of limited editions on sale.");
  for (const auto& edition : engine.board().all()) {
    if (!edition->limited() || edition->sold_out()) continue;
    page.number("stardrop_drop_left", "edition=\"" + edition->id.text() + '"',
                static_cast<std::uint64_t>(edition->left()));
  }
  page.family("stardrop_http_request_duration_seconds", "histogram", "Time to the answer.");
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const PerRoute& counts = per_route_[i];
    std::uint64_t total = 0;
    for (const auto& bucket : counts.buckets) total += bucket.load(std::memory_order_relaxed);
    if (total == 0) continue;
    const std::string labels = "route=\"" + std::string(routes_[i].pattern) + "\",method=\"" +
                               std::string(verb(routes_[i].method)) + '"';
    std::uint64_t sum = 0;
    for (std::size_t b = 0; b < kBoundsUs.size(); ++b) {
      sum += counts.buckets[b].load(std::memory_order_relaxed);
      page.number("stardrop_http_request_duration_seconds_bucket",
                  labels + ",le=\"" + seconds(kBoundsUs[b]) + '"', sum);
    }
    page.number("stardrop_http_request_duration_seconds_bucket", labels + ",le=\"+Inf\"", total);
    page.line("stardrop_http_request_duration_seconds_sum", labels,
              seconds(static_cast<std::int64_t>(counts.sum_us.load(std::memory_order_relaxed))));
    page.number("stardrop_http_request_duration_seconds_count", labels, total);
  }
  page.family("stardrop_http_requests_total", "counter", "Answers by route and status class.");
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    for (std::size_t c = 1; c < 6; ++c) {
      const std::uint64_t count = per_route_[i].by_class[c].load(std::memory_order_relaxed);
      if (count == 0) continue;
      page.number("stardrop_http_requests_total",
                  "route=\"" + std::string(routes_[i].pattern) + "\",method=\"" +
                      std::string(verb(routes_[i].method)) + "\",status_class=\"" +
                      std::to_string(c) + "xx\"",
                  count);
    }
  }
  return page.out;
}

}  // namespace stardrop::api
