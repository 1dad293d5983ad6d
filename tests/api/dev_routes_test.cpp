// The test clock and the faucet over a socket: there in development, nowhere else.
#include <gtest/gtest.h>

#include "tests/api/api_world.h"

namespace stardrop::api::test {
namespace {

constexpr std::string_view kClock = "/v1/dev/clock";
constexpr std::string_view kFaucet = "/v1/dev/faucet";

std::string faucet_body(std::string_view account, std::string_view stars) {
  return "{\"account\":\"" + std::string(account) + "\",\"stars\":" + std::string(stars) + "}";
}

TEST(ApiDev, WithoutDevThereIsNothing) {
  ApiWorld world;
  EXPECT_EQ(world.get(kClock).status, 404U);
  EXPECT_EQ(world.post(kClock, "a", R"({"advance_seconds":1})").status, 404U);
  EXPECT_EQ(world.post(kFaucet, "b", "{}").status, 404U);
  for (const std::string_view path : {"/openapi.json", "/openapi-3.0.json", "/docs", "/metrics"}) {
    EXPECT_EQ(world.get(path).body.find("/v1/dev"), std::string::npos) << path;
  }
}

TEST(ApiDev, ADevelopmentServerTellsOfIts) {
  ApiWorld world(ApiOptions{}, true);
  for (const std::string_view path : {"/openapi.json", "/openapi-3.0.json", "/docs"}) {
    const auto answer = world.get(path);
    EXPECT_NE(answer.body.find(kClock), std::string::npos) << path;
    EXPECT_NE(answer.body.find(kFaucet), std::string::npos) << path;
  }
}

TEST(ApiDev, OnlyAnOperatorMayUseThem) {
  ApiWorld world(ApiOptions{}, true);
  const std::string bot = world.account(world.operator_secret, "bot");
  const std::string app = world.secret_for("app", bot);
  const std::string user = world.secret_for("user", world.account(world.operator_secret));
  for (const std::string_view secret : {std::string_view(app), std::string_view(user)}) {
    EXPECT_EQ(world.send("GET", kClock, secret).status, 403U);
    EXPECT_EQ(world.send("POST", kClock, secret, "c", R"({"advance_seconds":1})").status, 403U);
    EXPECT_EQ(world.send("POST", kFaucet, secret, "f", faucet_body(bot, "1")).status, 403U);
  }
  EXPECT_EQ(world.send("POST", kFaucet, "", "f", faucet_body(bot, "1")).status, 401U);
  EXPECT_EQ(world.dev_clock.now(), world.clock.now());
}

TEST(ApiDev, TheClockMovesForwardAlone) {
  ApiWorld world(ApiOptions{}, true);
  const auto at_first = world.get(kClock);
  EXPECT_EQ(member(at_first.body, "now"), "2024-10-05T12:00:00Z");
  EXPECT_EQ(member(at_first.body, "ahead_seconds"), "0");
  const auto hour = world.post(kClock, "", R"({"advance_seconds":3600})");
  EXPECT_EQ(hour.status, 200U) << hour.body;
  EXPECT_EQ(member(hour.body, "now"), "2024-10-05T13:00:00Z");
  EXPECT_EQ(member(hour.body, "machine_time"), "2024-10-05T12:00:00Z");
  EXPECT_EQ(member(hour.body, "ahead_seconds"), "3600");
  const auto back = world.post(kClock, "", R"({"now":"2024-10-05T12:30:00Z"})");
  EXPECT_EQ(back.status, 400U);
  EXPECT_EQ(member(back.body, "param"), "now");
  EXPECT_EQ(world.post(kClock, "", R"({"now":"2024-12-24T18:00:00+01:00"})").status, 200U);
  EXPECT_EQ(member(world.get(kClock).body, "now"), "2024-12-24T17:00:00Z");
  // What is written from now on is of that time.
  const auto account = world.post("/v1/accounts", "late", R"({"kind":"user"})");
  EXPECT_TRUE(member(account.body, "created").starts_with("2024-12-24T17:00:00")) << account.body;
}

TEST(ApiDev, AMoveIsAskedForInOneWay) {
  ApiWorld world(ApiOptions{}, true);
  for (const std::string_view body :
       {"{}", R"({"advance_seconds":5,"now":"2030-01-01T00:00:00Z"})"}) {
    const auto answer = world.post(kClock, "", body);
    EXPECT_EQ(answer.status, 400U);
    EXPECT_EQ(member(answer.body, "code"), "invalid_request") << body;
  }
  for (const std::string_view body :
       {R"({"advance_seconds":0})", R"({"advance_seconds":-1})", R"({"advance_seconds":1.5})",
        R"({"advance_seconds":2000000001})", R"({"now":"tomorrow"})",
        R"({"now":"2090-01-01T00:00:01Z"})"}) {
    EXPECT_EQ(world.post(kClock, "", body).status, 400U) << body;
  }
  EXPECT_EQ(world.dev_clock.now(), world.clock.now());
}

TEST(ApiDev, AMoveIsMadeOncePerKey) {
  ApiWorld world(ApiOptions{}, true);
  const auto first = world.post(kClock, "day", R"({"advance_seconds":86400})");
  world.clock.advance(Duration::seconds(5));
  const auto again = world.post(kClock, "day", R"({"advance_seconds":86400})");
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(world.dev_clock.read().ahead_seconds, 86'400);
  const auto other = world.post(kClock, "day", R"({"advance_seconds":1})");
  EXPECT_EQ(other.status, 422U);
  EXPECT_EQ(member(other.body, "code"), "idempotency_key_reused");
}

TEST(ApiDev, WhatIsDueHasHappenedWhenTheMoveAnswers) {
  ApiWorld world(ApiOptions{}, true);
  const std::string edition = world.edition(R"("stars":25,"supply":1000)");
  std::string last;
  for (int i = 0; i < 300; ++i) {  // more than one round of timers
    const auto answer =
        world.post("/v1/editions/" + edition + "/reservations", "r" + std::to_string(i),
                   "{\"account\":\"" + world.account(world.operator_secret) + "\",\"seconds\":60}");
    ASSERT_EQ(answer.status, 201U) << answer.body;
    last = member(answer.body, "reservation");
  }
  EXPECT_EQ(member(world.get("/v1/editions/" + edition).body, "reserved"), "300");
  EXPECT_EQ(world.post(kClock, "", R"({"advance_seconds":59})").status, 200U);
  EXPECT_EQ(member(world.get("/v1/editions/" + edition).body, "reserved"), "300");
  EXPECT_EQ(world.post(kClock, "", R"({"advance_seconds":2})").status, 200U);
  EXPECT_EQ(member(world.get("/v1/editions/" + edition).body, "reserved"), "0");
  EXPECT_EQ(member(world.get("/v1/reservations/" + last).body, "state"), "expired");
}

TEST(ApiDev, TheFaucetIsAFinalTopUp) {
  ApiWorld world(ApiOptions{}, true);
  const std::string account = world.account(world.operator_secret);
  const auto first = world.post(kFaucet, "one", faucet_body(account, "500"));
  EXPECT_EQ(first.status, 201U) << first.body;
  const auto again = world.post(kFaucet, "one", faucet_body(account, "500"));
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(world.post(kFaucet, "one", faucet_body(account, "501")).status, 422U);
  EXPECT_EQ(world.post(kFaucet, "two", faucet_body(account, "1")).status, 201U);
  EXPECT_NE(world.get("/v1/accounts/" + account).body.find("\"available\":\"501\""),
            std::string::npos);
  const auto top_up = world.get("/v1/top-ups/" + member(first.body, "id"));
  EXPECT_EQ(member(top_up.body, "provider"), "faucet");
  EXPECT_EQ(member(top_up.body, "reversible_until"), "null");
  EXPECT_EQ(member(world.get("/v1/audit").body, "ok"), "true");
}

TEST(ApiDev, TheFaucetHasItsLimits) {
  ApiWorld world(ApiOptions{}, true);
  const std::string account = world.account(world.operator_secret);
  for (const std::string_view stars : {"0", "-1", "1000001", "1.5", "\"1\""}) {
    const auto answer = world.post(kFaucet, "x", faucet_body(account, stars));
    EXPECT_EQ(answer.status, 400U) << stars;
    EXPECT_EQ(member(answer.body, "code"), "amount_invalid") << stars;
  }
  EXPECT_EQ(world.post(kFaucet, "x", faucet_body(account, "1000000")).status, 201U);
  EXPECT_EQ(member(world.post(kFaucet, "", faucet_body(account, "1")).body, "code"),
            "idempotency_key_required");
  EXPECT_EQ(world.post(kFaucet, "y", faucet_body("acc_0000000000zzz", "1")).status, 404U);
}

}  // namespace
}  // namespace stardrop::api::test
