// The load client finds what a shop does wrong, and nothing wrong with an honest one.
#include "app/drop_bench/drop_bench.h"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/app/drop_bench/fake_shop.h"

namespace stardrop::app {
namespace {

using test::FakeShop;
using test::ShopFaults;

BenchOptions small(const FakeShop& shop) {
  BenchOptions options;
  options.urls = {shop.url()};
  options.key = "op_secret_of_the_test";
  options.editions = {300, 100};
  options.buyers = 200;
  options.connections = 8;
  options.refusal_s = 0;
  return options;
}

Report run(const BenchOptions& options) {
  std::ostringstream out;
  std::ostringstream err;
  const Console console{out, err, {}, false, false};
  BenchResult result = run_drop_bench(options, console);
  EXPECT_EQ(result.failure, "");
  EXPECT_EQ(err.str(), "") << "no progress bar off a terminal";
  return result.report.value_or(Report{});
}

/// The names of the checks that don't hold.
std::string broken(const Report& report) {
  std::string out;
  for (const Check& check : report.checks)
    out += check.ok ? "" : check.name + ": " + check.detail + "\n";
  return out;
}

TEST(DropBench, AnHonestShopAddsUp) {
  FakeShop shop;
  const Report report = run(small(shop));
  EXPECT_TRUE(report.ok()) << broken(report);
  EXPECT_EQ(report.sold, 400);
  EXPECT_GE(report.attempts, 800);
  EXPECT_GT(report.tally.replays, 0U);
  EXPECT_GT(report.tally.refusals.at("sold_out"), 0U);
  EXPECT_GT(report.tally.refusals.at("account_limit_reached"), 0U);
  EXPECT_GT(report.tally.refusals.at("insufficient_funds"), 0U);
}

TEST(DropBench, BatchesAndPipelinesAddUp) {
  FakeShop shop;
  BenchOptions options = small(shop);
  options.batch = 7;
  options.pipeline = 3;
  const Report report = run(options);
  EXPECT_TRUE(report.ok()) << broken(report);
  EXPECT_EQ(report.sold, 400);
}

TEST(DropBench, TheSameSeedMakesTheSameAttempts) {
  FakeShop first_shop;
  FakeShop second_shop;
  BenchOptions options = small(first_shop);
  options.connections = 1;
  const Report first = run(options);
  options.urls = {second_shop.url()};
  const Report second = run(options);
  EXPECT_EQ(first.tally.refusals, second.tally.refusals);
  EXPECT_EQ(first.tally.replays, second.tally.replays);
}

TEST(DropBench, UnknownOutcomesAreSentAgainUnderTheSameKey) {
  ShopFaults faults;
  faults.unavailable_each = 37;
  faults.cut_each = 53;
  FakeShop shop(faults);
  for (const std::int64_t batch : {1, 5}) {
    BenchOptions options = small(shop);
    options.batch = batch;
    const Report report = run(options);
    EXPECT_TRUE(report.ok()) << broken(report);
    EXPECT_EQ(report.sold, 400);
    EXPECT_GT(report.counts.retries, 0U);
    EXPECT_GT(report.counts.connections_lost, 0U);
  }
}

TEST(DropBench, FindsAnOversale) {
  ShopFaults faults;
  faults.oversell = 3;
  FakeShop shop(faults);
  EXPECT_FALSE(run(small(shop)).ok());
}

TEST(DropBench, FindsASerialSoldTwice) {
  ShopFaults faults;
  faults.serial_twice = true;
  FakeShop shop(faults);
  const Report report = run(small(shop));
  EXPECT_NE(broken(report).find("serial 1 was sold twice"), std::string::npos) << broken(report);
}

TEST(DropBench, FindsForgottenKeys) {
  ShopFaults faults;
  faults.forgets_keys = true;
  FakeShop shop(faults);
  const Report report = run(small(shop));
  EXPECT_NE(broken(report).find("a replay"), std::string::npos) << broken(report);
}

TEST(DropBench, FindsReplaysInOtherWords) {
  ShopFaults faults;
  faults.replay_differs = true;
  FakeShop shop(faults);
  const Report report = run(small(shop));
  EXPECT_NE(broken(report).find("got another answer than the first time"), std::string::npos)
      << broken(report);
}

TEST(DropBench, FindsBrokenCaps) {
  ShopFaults faults;
  faults.ignores_caps = true;
  FakeShop shop(faults);
  const Report report = run(small(shop));
  EXPECT_NE(broken(report).find("a purchase over the cap succeeded"), std::string::npos)
      << broken(report);
}

TEST(DropBench, FindsAFailedAudit) {
  ShopFaults faults;
  faults.audit_fails = true;
  FakeShop shop(faults);
  EXPECT_EQ(broken(run(small(shop))).substr(0, 20), "audit by the server:");
}

TEST(DropBench, ReportsTellEverythingButTheKey) {
  FakeShop shop;
  const BenchOptions options = small(shop);
  const Report report = run(options);
  const std::string json = report_json(report);
  const std::string html = report_html(report);
  const auto parsed = nlohmann::json::parse(json);
  EXPECT_TRUE(parsed["ok"].get<bool>());
  EXPECT_EQ(parsed["sold"], 400);
  EXPECT_EQ(parsed["oversold"], 0);
  EXPECT_GT(parsed["purchases"]["p99_us"].get<std::int64_t>(), 0);
  EXPECT_EQ(parsed["purchases"]["count"], 400);
  std::int64_t sales = 0;
  for (const auto& slice : parsed["slices"]) sales += slice["sales"].get<std::int64_t>();
  EXPECT_EQ(sales, 400);
  EXPECT_EQ(json.find(options.key), std::string::npos);
  EXPECT_EQ(html.find(options.key), std::string::npos);
  EXPECT_EQ(html.find("http://www"), std::string::npos) << "no outside resource";
  EXPECT_EQ(html.find("<script"), std::string::npos);
  std::ostringstream text;
  print_report(report, text);
  EXPECT_NE(text.str().find("Everything adds up."), std::string::npos);
}

TEST(DropBench, RefusesOptionsThatCannotWork) {
  BenchOptions options;
  options.urls = {"http://127.0.0.1:1"};
  EXPECT_EQ(check_bench_options(options), std::nullopt);
  BenchOptions wrong = options;
  wrong.urls = {"https://127.0.0.1"};
  EXPECT_NE(check_bench_options(wrong), std::nullopt);
  wrong = options;
  wrong.per_account = 1;
  EXPECT_NE(check_bench_options(wrong), std::nullopt);
  wrong = options;
  wrong.replays = 90;
  EXPECT_NE(check_bench_options(wrong), std::nullopt);
  wrong = options;
  wrong.editions = {0};
  EXPECT_NE(check_bench_options(wrong), std::nullopt);
}

TEST(DropBench, SaysWhenNobodyAnswers) {
  BenchOptions options;
  options.urls = {"http://127.0.0.1:1"};
  options.patience_s = 1;
  std::ostringstream sink;
  const Console console{sink, sink, {}, false, false};
  const BenchResult result = run_drop_bench(options, console);
  EXPECT_FALSE(result.report);
  EXPECT_TRUE(result.failure.starts_with("no server answers")) << result.failure;
}

}  // namespace
}  // namespace stardrop::app
