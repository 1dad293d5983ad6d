// read-mix: nine reads to one purchase, over HTTP, by many connections.
#include "bench/read_mix.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "app/drop_bench/bulk.h"
#include "app/drop_bench/histogram.h"
#include "app/drop_bench/load_loop.h"
#include "app/engine_bench/meter.h"
#include "base/random.h"
#include "bench/options.h"

namespace stardrop::bench {
namespace {

using app::Answer;
using app::BulkCommands;
using app::Endpoint;
using app::Histogram;
using app::LoadLoop;
using app::Traffic;

struct Settings {
  std::string url = "http://127.0.0.1:8080";
  std::string key;
  std::int64_t connections = 128;
  std::int64_t accounts = 2000;
  std::int64_t gifts_each = 60;
  std::int64_t seconds = 5;
};

constexpr const char* kHelp = R"(Usage: stardrop_bench read-mix --key KEY [option…]
  --url URL           the server (http://127.0.0.1:8080); what is created stays there
  --connections N     keep-alive connections (128)
  --accounts N        buyers (2000)
  --gifts-each N      gifts each has bought before (60)
  --seconds N         length of the run (5)
Prints one object.
)";

/// What the run reads from.
struct Shelf {
  std::string run;
  std::string edition;
  std::vector<std::string> accounts;
  std::vector<std::string> gifts;
};

void append_purchase(std::string& out, const Shelf& shelf, std::string_view account) {
  out.append("{\"edition\":\"").append(shelf.edition).append("\",\"from\":\"").append(account);
  out.append("\",\"to\":\"").append(account).append("\",\"max_price\":1}");
}

/// A tenth purchases; a quarter of the rest each a gift, a balance, a page of 50 gifts, a history.
class Mix final : public Traffic {
 public:
  Mix(const Shelf& shelf, std::int64_t seconds)
      : shelf_(shelf),
        end_(app::steady_ns() + static_cast<std::uint64_t>(seconds) * 1'000'000'000) {}

  std::optional<std::uint64_t> next() override {
    if (app::steady_ns() >= end_) return std::nullopt;
    // Which request it is depends on its number alone, so that a retry comes out the same.
    return sent_++;
  }

  void write(std::uint64_t number, const Endpoint& to, std::string& out) override {
    Random random(number * 0x9E3779B97F4A7C15ULL + 1);
    const std::string& account = shelf_.accounts[random.below(shelf_.accounts.size())];
    path_ = "/v1/accounts/" + account;
    switch (kind_of(number)) {
      case Kind::purchase:
        body_.clear();
        append_purchase(body_, shelf_, account);
        app::append_post(out, to, "/v1/gifts", shelf_.run + "-mix-" + std::to_string(number),
                         body_);
        return;
      case Kind::gift:
        path_ = "/v1/gifts/" + shelf_.gifts[random.below(shelf_.gifts.size())];
        break;
      case Kind::balance: break;
      case Kind::page: path_ += "/gifts?limit=50"; break;
      case Kind::history: path_ += "/transactions?limit=20"; break;
    }
    app::append_get(out, to, path_);
  }

  Next answered(std::uint64_t number, const Answer& answer, std::uint64_t ns) override {
    if (answer.status == 503 || answer.status == 429) return Next::again;
    const Kind kind = kind_of(number);
    if (answer.status != (kind == Kind::purchase ? 201 : 200)) {
      if (wrong_++ == 0) first_wrong_ = app::problem_text(answer.status, answer.body);
    }
    times_[static_cast<std::size_t>(kind)].add(ns);
    bytes_ += answer.size;
    return Next::done;
  }

  /// Prints the result; the exit code.
  int finish(std::int64_t seconds, std::int64_t cpu_us) {
    Histogram reads;
    for (std::size_t i = 1; i < kKinds; ++i) reads.add(times_[i]);
    const auto us = [](std::uint64_t ns) { return static_cast<unsigned long long>(ns / 1000); };
    const std::uint64_t answers = reads.count() + times_[0].count();
    std::printf(
        "{\"per_second\":%llu,\"reads\":%llu,\"read_p50_us\":%llu,\"read_p99_us\":%llu,"
        "\"read_p999_us\":%llu,\"purchases\":%llu,\"purchase_p99_us\":%llu,\"wrong\":%llu,"
        "\"answer_bytes\":%llu,\"client_cpu_us_each\":%.2f",
        static_cast<unsigned long long>(answers / static_cast<std::uint64_t>(seconds)),
        static_cast<unsigned long long>(reads.count()), us(reads.quantile(5000)),
        us(reads.quantile(9900)), us(reads.quantile(9990)),
        static_cast<unsigned long long>(times_[0].count()), us(times_[0].quantile(9900)),
        static_cast<unsigned long long>(wrong_),
        static_cast<unsigned long long>(bytes_ / std::max<std::uint64_t>(answers, 1)),
        static_cast<double>(cpu_us) / static_cast<double>(std::max<std::uint64_t>(answers, 1)));
    constexpr std::string_view kNames[] = {"purchase", "gift", "balance", "page", "history"};
    for (std::size_t i = 1; i < kKinds; ++i) {
      std::printf(",\"%s_p99_us\":%llu", kNames[i].data(), us(times_[i].quantile(9900)));
    }
    std::printf("}\n");
    if (wrong_ > 0) std::fprintf(stderr, "wrong answer: %s\n", first_wrong_.c_str());
    return wrong_ == 0 ? 0 : 1;
  }

 private:
  enum class Kind : std::uint8_t { purchase, gift, balance, page, history };
  static constexpr std::size_t kKinds = 5;

  static Kind kind_of(std::uint64_t number) {
    Random random(number ^ 0xD1B54A32D192ED03ULL);
    if (random.below(10) == 0) return Kind::purchase;
    return static_cast<Kind>(1 + random.below(kKinds - 1));
  }

  const Shelf& shelf_;
  const std::uint64_t end_;
  Histogram times_[kKinds];
  std::string path_;
  std::string body_;
  std::uint64_t sent_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t wrong_ = 0;
  std::string first_wrong_;
};

/// Fills the shelf through POST /v1/batch. What is wrong, if something is.
class Stocking {
 public:
  Stocking(const Settings& settings, LoadLoop& loop, Shelf& shelf)
      : settings_(settings),
        loop_(loop),
        shelf_(shelf),
        console_{std::cout, std::cerr, {}, false, false} {}

  std::optional<std::string> run() {
    const auto accounts = static_cast<std::uint64_t>(settings_.accounts);
    const std::uint64_t gifts = accounts * static_cast<std::uint64_t>(settings_.gifts_each);
    shelf_.accounts.resize(accounts);
    shelf_.gifts.resize(gifts);
    if (auto wrong = bulk(
            "create_edition", 1,
            [&](std::uint64_t, std::string& out) {
              out += "{\"title\":\"Mix " + shelf_.run + "\",\"stars\":1,\"supply\":1000000000}";
            },
            [&](std::uint64_t, std::string_view body) {
              shelf_.edition = app::text_member(body, "id");
            }))
      return wrong;
    if (auto wrong = bulk(
            "create_account", accounts,
            [](std::uint64_t, std::string& out) { out += R"({"kind":"user"})"; },
            [&](std::uint64_t i, std::string_view body) {
              shelf_.accounts[i] = app::text_member(body, "id");
            }))
      return wrong;
    if (auto wrong = bulk(
            "top_up", accounts,
            [&](std::uint64_t i, std::string& out) {
              out += "{\"account\":\"" + shelf_.accounts[i] +
                     "\",\"stars\":1000000,\"provider\":\"bench\",\"reference\":\"" + shelf_.run +
                     "-" + std::to_string(i) + "\"}";
            },
            [](std::uint64_t, std::string_view) {}))
      return wrong;
    return bulk(
        "send_gift", gifts,
        [&](std::uint64_t i, std::string& out) {
          append_purchase(out, shelf_, shelf_.accounts[i % accounts]);
        },
        [&](std::uint64_t i, std::string_view body) {
          shelf_.gifts[i] = app::text_member(body, "id");
        });
  }

 private:
  std::optional<std::string> bulk(const std::string& command,
                                  std::uint64_t count,
                                  BulkCommands::Params params,
                                  BulkCommands::Take take) {
    app::ProgressBar progress(console_, command);
    BulkCommands commands(command, shelf_.run, count, std::move(params), std::move(take), progress);
    if (auto failure = loop_.run(commands)) return failure;
    return commands.failure();
  }

  const Settings& settings_;
  LoadLoop& loop_;
  Shelf& shelf_;
  app::Console console_;
};

int fail(const std::string& sentence) {
  std::fprintf(stderr, "%s\n", sentence.c_str());
  return 1;
}

}  // namespace

int read_mix(std::span<const std::string_view> arguments) {
  Settings settings;
  Options options;
  options.text("--url", settings.url)
      .text("--key", settings.key)
      .number("--connections", settings.connections)
      .number("--accounts", settings.accounts)
      .number("--gifts-each", settings.gifts_each)
      .number("--seconds", settings.seconds);
  const bool read = options.read(arguments);
  const auto endpoint = app::parse_endpoint(settings.url, settings.key);
  if (!read || !endpoint || settings.seconds == 0 || settings.accounts == 0) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  app::LoadOptions load;
  load.endpoints.push_back(*endpoint);
  load.connections = static_cast<std::size_t>(settings.connections);
  LoadLoop loop(std::move(load));
  Shelf shelf;
  shelf.run = std::to_string(entropy64());
  if (auto wrong = Stocking(settings, loop, shelf).run()) return fail(*wrong);
  const Usage before = Usage::now();
  Mix mix(shelf, settings.seconds);
  if (auto wrong = loop.run(mix)) return fail(*wrong);
  return mix.finish(settings.seconds, Usage::now().cpu_us - before.cpu_us);
}

}  // namespace stardrop::bench
