// So many reversals of top-ups pass in a minute; the rest comes later, and somebody is woken.
#include <gtest/gtest.h>

#include "tests/api/api_world.h"

namespace stardrop::api::test {
namespace {

std::size_t count(std::string_view text, std::string_view mark) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(mark, at)) != std::string_view::npos; ++at) ++found;
  return found;
}

/// A server with an account whose payments are taken back.
class Till {
 public:
  explicit Till(std::int64_t reversals_per_minute)
      : world(RateLimits{.reversals_per_minute = reversals_per_minute}),
        payer(world.account(world.operator_secret)) {}

  /// Books a payment of 10 Stars; its reference is its name.
  std::string paid(const std::string& name) {
    const auto answer =
        world.post("/v1/top-ups", "paid-" + name,
                   "{\"account\":\"" + payer + R"(","stars":10,"provider":"store","reference":")" +
                       name + "\"}");
    EXPECT_EQ(answer.status, 201U) << answer.body;
    return member(answer.body, "id");
  }
  ApiWorld::Answer reverse(const std::string& top_up, std::string_view key) {
    return world.post("/v1/top-ups/" + top_up + "/reverse", key, "{}");
  }
  ApiWorld::Answer report(const std::string& name, std::string_view key) {
    return world.post("/v1/reversals", key, R"({"provider":"store","reference":")" + name + "\"}");
  }
  std::string metric(std::string_view name) {
    const std::string page = world.send("GET", "/metrics", "").body;
    const std::string mark = "\n" + std::string(name) + " ";
    const std::size_t at = page.find(mark);
    if (at == std::string::npos) return {};
    const std::size_t from = at + mark.size();
    return page.substr(from, page.find('\n', from) - from);
  }

  ApiWorld world;
  std::string payer;
};

TEST(ApiReversals, SoManyPassInAMinute) {
  Till till(2);
  const std::string first = till.paid("1");
  const std::string second = till.paid("2");
  const std::string third = till.paid("3");
  EXPECT_EQ(till.reverse(first, "r1").status, 200U);
  EXPECT_EQ(till.report("2", "r2").status, 200U) << "both ways share the rate";
  const auto over = till.reverse(third, "r3");
  EXPECT_EQ(over.status, 429U);
  EXPECT_EQ(member(over.body, "code"), "rate_limited");
  EXPECT_EQ(member(over.body, "retryable"), "true");
  EXPECT_EQ(member(over.body, "reversals_per_minute"), "2");
  EXPECT_EQ(member(over.body, "retry_after"), "30");
  EXPECT_EQ(over.header("Retry-After"), "30");
  EXPECT_EQ(till.report("3", "r4").status, 429U);
  EXPECT_EQ(member(till.world.get("/v1/top-ups/" + third).body, "state"), "posted");
  // Nothing else has to wait.
  till.paid("4");

  till.world.advance(Duration::seconds(29));
  EXPECT_EQ(till.reverse(third, "r3").status, 429U);
  till.world.advance(Duration::seconds(1));
  EXPECT_EQ(till.reverse(third, "r3").status, 200U) << "a refusal does not use up the key";
  EXPECT_EQ(till.report("4", "r4").status, 429U);
}

TEST(ApiReversals, AnotherKeyIsNoWayAround) {
  Till till(1);
  till.paid("1");
  till.paid("2");
  const std::string other =
      member(till.world.post("/v1/keys", "k", R"({"kind":"operator"})").body, "secret");
  ASSERT_FALSE(other.empty());
  EXPECT_EQ(till.report("1", "r1").status, 200U);
  EXPECT_EQ(
      till.world
          .send("POST", "/v1/reversals", other, "r2", R"({"provider":"store","reference":"2"})")
          .status,
      429U);
}

TEST(ApiReversals, WhatHappenedIsToldAgainAndNotCounted) {
  Till till(2);
  const std::string first = till.paid("1");
  till.paid("2");
  till.paid("3");
  const auto reversed = till.reverse(first, "r1");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(till.reverse(first, "r1").body, reversed.body);
  EXPECT_EQ(till.report("2", "r2").status, 200U) << "none of them counted";
  EXPECT_EQ(till.report("3", "r3").status, 429U);
  const auto again = till.reverse(first, "r1");
  EXPECT_EQ(again.body, reversed.body) << "beyond the rate, too";
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(till.reverse(first, "another").status, 429U) << "a new request counts";
}

TEST(ApiReversals, ABatchIsNoWayAround) {
  Till till(3);
  std::string body;
  for (const std::string name : {"1", "2", "3", "4", "5", "6"}) {
    const std::string top_up = till.paid(name);
    body += body.empty() ? R"({"commands":[{"idempotency_key":"b)" : R"(,{"idempotency_key":"b)";
    body += name +
            (name < "4" ? R"(","command":"reverse_top_up","params":{"top_up":")" + top_up
                        : R"(","command":"report_reversal","params":{"provider":"store",)"
                          R"("reference":")" +
                              name) +
            "\"}}";
  }
  const std::string first = till.world.post("/v1/batch", "", body + "]}").body;
  EXPECT_EQ(count(first, R"({"status":200,"replayed":false)"), 3U) << first;
  EXPECT_EQ(count(first, R"({"status":429,"replayed":false)"), 3U) << first;
  EXPECT_EQ(count(first, R"("reversals_per_minute":3,"retry_after":20)"), 3U) << first;
  EXPECT_EQ(till.metric(R"(stardrop_refusals_total{code="rate_limited"})"), "3");
  till.world.advance(Duration::seconds(20));
  const std::string second = till.world.post("/v1/batch", "", body + "]}").body;
  EXPECT_EQ(count(second, R"({"status":200,"replayed":true)"), 3U) << second;
  EXPECT_EQ(count(second, R"({"status":200,"replayed":false)"), 1U) << second;
}

TEST(ApiReversals, ARateOfZeroIsNone) {
  Till till(0);
  for (int i = 0; i < 5; ++i) {
    const std::string name = std::to_string(i);
    till.paid(name);
    EXPECT_EQ(till.report(name, "r" + name).status, 200U);
  }
  till.world.api().set_rates(RateLimits{.reversals_per_minute = 1});
  EXPECT_EQ(till.report("x", "x").status, 200U);
  EXPECT_EQ(till.report("y", "y").status, 429U) << "settings read again hold at once";
}

TEST(ApiReversals, TheAlarmEndsAMinuteAfterTheLastRefusal) {
  Till till(1);
  till.paid("1");
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "0");
  testing::internal::CaptureStderr();
  EXPECT_EQ(till.report("1", "r1").status, 200U);
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "0") << "up to the rate all is well";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(till.report("2", "r2").status, 429U);
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "1");
  till.world.advance(Duration::seconds(59));
  EXPECT_EQ(till.report("2", "r2").status, 429U);
  till.world.advance(Duration::seconds(59));
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "1") << "counted from the last refusal";
  const std::string once = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(once, "reversals.alarm reversals_per_minute=1"), 1U) << once;

  till.world.advance(Duration::seconds(1));
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "0");
  testing::internal::CaptureStderr();
  EXPECT_EQ(till.report("2", "r2").status, 200U);
  EXPECT_EQ(till.report("3", "r3").status, 429U);
  const std::string again = testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(again, "error reversals.alarm"), 1U) << again;
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "1");
}

TEST(ApiReversals, AClockPutBackEndsTheAlarm) {
  Till till(1);
  till.paid("1");
  EXPECT_EQ(till.report("1", "r1").status, 200U);
  EXPECT_EQ(till.report("2", "r2").status, 429U);
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "1");
  till.world.advance(Duration::seconds(-3600));
  till.metric("");  // what an address counted ahead fills its bucket now, for a moment
  till.world.advance(Duration::seconds(1));
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "0");
  EXPECT_EQ(till.report("2", "r2").status, 429U);
  EXPECT_EQ(till.metric("stardrop_reversals_alarm"), "1");
}

TEST(ApiReversals, MetricsCountWhatWasCarriedOut) {
  Till till(600);
  till.paid("1");
  till.paid("2");
  till.report("1", "r1");
  till.report("1", "again");  // answers `already`
  till.report("3", "r3");     // waits for its payment
  EXPECT_EQ(till.metric("stardrop_reversals_total"), "1");
  EXPECT_EQ(till.metric("stardrop_reversed_stars_total"), "10");
  till.paid("3");
  EXPECT_EQ(till.metric("stardrop_reversals_total"), "2");
  EXPECT_EQ(till.metric("stardrop_reversed_stars_total"), "20");
}

/// Ten thousand payments, half of whose Stars were given to somebody who knew nothing.
class Storm : public Till {
 public:
  static constexpr int kPayers = 10;
  static constexpr int kPaymentsEach = 1000;

  explicit Storm(std::int64_t reversals_per_minute)
      : Till(reversals_per_minute), bystander(world.account(world.operator_secret)) {
    for (int i = 0; i < kPayers; ++i) {
      payers.push_back(world.account(world.operator_secret));
      const std::string booked =
          batch(i, "top_up", R"("stars":1,"account":")" + payers.back() + "\",");
      EXPECT_EQ(count(booked, "{\"status\":201,"), std::size_t{kPaymentsEach});
      EXPECT_EQ(world
                    .post("/v1/transfers", "given-" + payers.back(),
                          "{\"from\":\"" + payers.back() + "\",\"to\":\"" + bystander +
                              R"(","stars":500})")
                    .status,
                201U);
    }
  }

  /// Sends `command` for each payment of a payer; returns the answer's body.
  std::string batch(int of, const std::string& command, const std::string& more = {}) {
    std::string body = "{\"commands\":[";
    for (int k = 0; k < kPaymentsEach; ++k) {
      const std::string name = std::to_string(of) + '/' + std::to_string(k);
      body += std::string(k > 0 ? "," : "") + R"({"command":")" + command +
              R"(","idempotency_key":")" + command + name + R"(","params":{)" + more +
              R"("provider":"store","reference":")" + name + "\"}}";
    }
    return world.post("/v1/batch", "", body + "]}").body;
  }

  std::string bystander;
  std::vector<std::string> payers;
};

TEST(ApiReversals, TenThousandAtOnceComeOutRight) {
  constexpr std::size_t kPerMinute = 2500;
  constexpr std::size_t kAll = std::size_t{Storm::kPayers} * Storm::kPaymentsEach;
  Storm storm(kPerMinute);
  std::size_t done = 0;
  // Everything is sent again every minute, as providers do.
  for (std::size_t minute = 0; minute < kAll / kPerMinute; ++minute) {
    std::size_t replayed = 0;
    std::size_t reversed = 0;
    std::size_t refused = 0;
    for (int i = 0; i < Storm::kPayers; ++i) {
      const std::string answer = storm.batch(i, "report_reversal");
      replayed += count(answer, R"({"status":200,"replayed":true)");
      reversed += count(answer, R"({"status":200,"replayed":false)");
      refused += count(answer, R"({"status":429,"replayed":false)");
    }
    EXPECT_EQ(replayed, done);
    EXPECT_EQ(reversed, kPerMinute);
    EXPECT_EQ(refused, kAll - done - kPerMinute);
    done += reversed;
    EXPECT_EQ(storm.metric("stardrop_reversals_total"), std::to_string(done));
    EXPECT_EQ(storm.metric("stardrop_reversals_alarm"), refused > 0 ? "1" : "0");
    EXPECT_EQ(member(storm.world.get("/v1/audit").body, "ok"), "true");
    storm.world.advance(Duration::seconds(60));
  }
  EXPECT_EQ(done, kAll);
  EXPECT_EQ(storm.metric("stardrop_reversed_stars_total"), std::to_string(kAll));
  for (const std::string& payer : storm.payers) {
    const std::string account = storm.world.get("/v1/accounts/" + payer).body;
    EXPECT_EQ(member(account, "owed"), "500") << account;
  }
  EXPECT_EQ(member(storm.world.get("/v1/accounts/" + storm.bystander).body, "available"), "5000");
}

}  // namespace
}  // namespace stardrop::api::test
