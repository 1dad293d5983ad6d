// `drop bench`: a drop over HTTP with a crowd of buyers, and its verdict.
#include "app/drop_bench/drop_bench.h"

#include <algorithm>

#include "app/descriptor_limit.h"
#include "app/drop_bench/bulk.h"
#include "app/drop_bench/storm.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/time.h"

namespace stardrop::app {

namespace {

/// A name no other run has, for idempotency keys and slugs.
std::string run_name() {
  std::string bytes;
  for (std::uint64_t left = entropy64(), i = 0; i < 6; ++i, left >>= 8U)
    bytes += static_cast<char>(left & 0xFFU);
  return hex(bytes);
}

class Bench {
 public:
  Bench(const BenchOptions& options, const Console& console, LoadLoop& loop)
      : options_(options), console_(console), loop_(loop), crowd_(options), run_(run_name()) {}

  BenchResult run() {
    const std::string started_at = rfc3339(Instant{SystemClock().now().us / 1'000'000 * 1'000'000});
    if (auto failure = set_up()) return {std::nullopt, *failure};
    ProgressBar progress(console_, "drop");
    Storm storm(options_, crowd_, run_, progress);
    const LoadCounts before = loop_.counts();
    const auto broken = loop_.run(storm);
    storm.finish();
    Report report;
    report.options = options_;
    report.options.key.clear();
    report.started_at = started_at;
    report.run = run_;
    report.supply = crowd_.supply();
    report.sold = crowd_.sold();
    report.attempts = static_cast<std::int64_t>(crowd_.attempts());
    report.counts = loop_.counts();
    report.counts.sent -= before.sent;
    report.counts.answers -= before.answers;
    report.counts.retries -= before.retries;
    report.counts.connections_lost -= before.connections_lost;
    report.checks = check_witness(crowd_, storm.tally());
    if (broken) {
      report.checks.push_back({"every attempt answered", false, *broken});
    } else {
      for (Check& check : check_server(crowd_, loop_)) report.checks.push_back(std::move(check));
    }
    report.tally = std::move(storm.tally());
    return {std::move(report), {}};
  }

 private:
  std::optional<std::string> set_up() {
    if (auto failure = create_editions()) return failure;
    if (auto failure = create_buyers()) return failure;
    return top_up();
  }

  std::optional<std::string> bulk(const std::string& label,
                                  const std::string& command,
                                  std::uint64_t count,
                                  BulkCommands::Params params,
                                  BulkCommands::Take take) {
    ProgressBar progress(console_, label);
    BulkCommands commands(command, run_, count, std::move(params), std::move(take), progress);
    if (auto failure = loop_.run(commands)) return failure;
    return commands.failure();
  }

  std::optional<std::string> create_editions() {
    auto& editions = crowd_.editions();
    return bulk(
        "editions", "create_edition", editions.size(),
        [&](std::uint64_t i, std::string& out) {
          const DropEdition& edition = editions[i];
          out += "{\"title\":\"Drop " + run_ + " " + std::to_string(i + 1) +
                 "\",\"stars\":" + std::to_string(options_.stars) +
                 ",\"supply\":" + std::to_string(edition.supply) +
                 ",\"per_account\":" + std::to_string(edition.per_account) + "}";
        },
        [&](std::uint64_t i, std::string_view body) { editions[i].id = text_member(body, "id"); });
  }

  std::optional<std::string> create_buyers() {
    auto& buyers = crowd_.buyers();
    return bulk(
        "buyers", "create_account", buyers.size(),
        [](std::uint64_t, std::string& out) { out += R"({"kind":"user"})"; },
        [&](std::uint64_t i, std::string_view body) { buyers[i] = text_member(body, "id"); });
  }

  std::optional<std::string> top_up() {
    const std::string stars = std::to_string(crowd_.stars_needed());
    return bulk(
        "top-ups", "top_up", crowd_.rich(),
        [&](std::uint64_t i, std::string& out) {
          out += "{\"account\":\"" + crowd_.buyers()[i] + "\",\"stars\":" + stars +
                 ",\"provider\":\"drop_bench\",\"reference\":\"" + run_ + "-" + std::to_string(i) +
                 "\"}";
        },
        [](std::uint64_t, std::string_view) {});
  }

  const BenchOptions& options_;
  const Console& console_;
  LoadLoop& loop_;
  Crowd crowd_;
  const std::string run_;
};

}  // namespace

std::optional<std::string> check_bench_options(const BenchOptions& options) {
  if (options.urls.empty()) return "--url is missing";
  for (const std::string& url : options.urls) {
    if (!parse_endpoint(url, {})) return url + " is not http://HOST:PORT";
  }
  if (options.replays + options.over_cap + options.poor > 90)
    return "--replays, --over-cap and --poor leave no purchases";
  if (options.editions.size() > 1000) return "--editions has more than 1000 entries";
  std::int64_t total = 0;
  const std::int64_t rich =
      std::max<std::int64_t>(1, options.buyers - options.buyers * options.poor / 100);
  for (const std::int64_t supply : options.editions) {
    if (supply < 1 || supply > 100'000'000) return "--editions are counts from 1 to 100,000,000";
    total += supply;
    if (options.per_account > 0 && options.per_account * rich < supply) {
      return "--buyers times --per-account are fewer than the gifts, so that they can never sell "
             "out";
    }
    if (options.per_account == 0 && supply > rich * 40'000)
      return "--buyers are too few for so many gifts";
  }
  if (total > 200'000'000) return "--editions are more than 200,000,000 gifts";
  return std::nullopt;
}

BenchResult run_drop_bench(const BenchOptions& options, const Console& console) {
  raise_descriptor_limit();
  LoadOptions load;
  for (const std::string& url : options.urls)
    load.endpoints.push_back(*parse_endpoint(url, options.key));
  load.connections = std::max(static_cast<std::size_t>(options.connections), load.endpoints.size());
  load.pipeline = static_cast<std::size_t>(options.pipeline);
  load.patience = std::chrono::seconds(options.patience_s);
  LoadLoop loop(std::move(load));
  return Bench(options, console, loop).run();
}

}  // namespace stardrop::app
