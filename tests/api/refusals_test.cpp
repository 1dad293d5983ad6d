// Refusals that only the API makes, each with its code.
#include <gtest/gtest.h>

#include "tests/api/api_world.h"

namespace stardrop::api::test {
namespace {

void expect_problem(const ApiWorld::Answer& answer, unsigned status, std::string_view code) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(member(answer.body, "code"), code);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
}

TEST(ApiRefusals, WhatIsNotThereIsNotFound) {
  ApiWorld world;
  expect_problem(world.get("/v1/nothing"), 404, "not_found");
  expect_problem(world.get("/"), 404, "not_found");
}

TEST(ApiRefusals, ARouteHasItsMethods) {
  ApiWorld world;
  const auto posted = world.post("/v1/audit", "k", "{}");
  expect_problem(posted, 405, "method_not_allowed");
  EXPECT_NE(posted.header("Allow").find("GET"), std::string::npos);
}

TEST(ApiRefusals, CursorsBelongToTheirList) {
  ApiWorld world;
  world.edition(R"("stars":1)");
  world.edition(R"("stars":1)");
  const auto first = world.get("/v1/editions?limit=1");
  const std::string cursor = member(first.body, "next_cursor");
  EXPECT_EQ(world.get("/v1/editions?limit=1&cursor=" + cursor).status, 200U);
  std::string forged = cursor;
  forged.back() = forged.back() == '0' ? '1' : '0';
  expect_problem(world.get("/v1/editions?cursor=" + forged), 400, "invalid_cursor");
  expect_problem(world.get("/v1/editions?cursor=0"), 400, "invalid_cursor");
  expect_problem(world.get("/v1/editions?on_sale=true&cursor=" + cursor), 400, "invalid_cursor");
  expect_problem(world.get("/v1/keys?cursor=" + cursor), 400, "invalid_cursor");
}

TEST(ApiRefusals, BodiesAreJsonOfALimitedSize) {
  ApiWorld world;
  expect_problem(world.send("POST", "/v1/accounts", world.operator_secret, "", "<a/>",
                            "Content-Type: text/xml\r\n"),
                 415, "unsupported_media_type");
  // Refused by its announced length, before it is sent.
  http::test::RawClient client(world.port());
  client.send("POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857600\r\n\r\n");
  const auto answer = client.read_answer();
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(member(answer.body, "code"), "payload_too_large");
}

TEST(ApiRefusals, StrangersAreLimitedByAddress) {
  ApiWorld world({.anonymous = {1, 2}});
  ApiWorld::Answer answer;
  for (int i = 0; i < 3; ++i) answer = world.send("GET", "/v1/editions", "");
  expect_problem(answer, 429, "rate_limited");
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(member(answer.body, "retryable"), "true");
}

TEST(ApiRefusals, NobodyBeginsToWatchAServerThatStops) {
  ApiWorld world;
  world.api().set_feed(nullptr);
  expect_problem(world.send("GET", "/v1/events", ""), 503, "shutting_down");
}

TEST(ApiWaitlist, ShowsThePlaceInLine) {
  ApiWorld world;
  const std::string buyer = world.rich_account(100);
  const std::string first = world.account(world.operator_secret);
  const std::string second = world.account(world.operator_secret);
  const std::string edition = world.edition(R"("stars":25,"supply":1)");
  const std::string path = "/v1/editions/" + edition + "/waitlist";
  const auto place = [&](const std::string& account) {
    return world.get(path + "?account=" + account);
  };
  ASSERT_EQ(world
                .post("/v1/gifts", "g",
                      "{\"edition\":\"" + edition + "\",\"from\":\"" + buyer + "\",\"to\":\"" +
                          buyer + R"(","max_price":25})")
                .status,
            201U);
  expect_problem(place(second), 404, "waitlist_entry_not_found");
  for (const std::string& account : {first, second}) {
    ASSERT_EQ(world.post(path, "w" + account, "{\"account\":\"" + account + "\"}").status, 201U);
  }
  const auto shown = place(second);
  EXPECT_EQ(shown.status, 200U) << shown.body;
  EXPECT_EQ(member(shown.body, "position"), "2");
  EXPECT_EQ(member(shown.body, "rank"), "2");
  EXPECT_EQ(member(shown.body, "waiting"), "2");
}

TEST(ApiRefusals, WhoOwesStarsIsToldSo) {
  ApiWorld world;
  const std::string debtor = world.account(world.operator_secret);
  const std::string other = world.account(world.operator_secret);
  const auto paid =
      world.post("/v1/top-ups", "t",
                 "{\"account\":\"" + debtor + R"(","stars":10,"provider":"p","reference":"1",)" +
                     R"("reversible_until":"2024-11-05T12:00:00Z"})");
  ASSERT_EQ(paid.status, 201U) << paid.body;
  const auto given = world.post(
      "/v1/transfers", "g", "{\"from\":\"" + debtor + "\",\"to\":\"" + other + R"(","stars":10})");
  ASSERT_EQ(given.status, 201U) << given.body;
  const auto reversed =
      world.post("/v1/top-ups/" + member(paid.body, "id") + "/reverse", "r", "{}");
  EXPECT_EQ(member(reversed.body, "owed"), "10") << reversed.body;
  const auto broke = world.post(
      "/v1/transfers", "h", "{\"from\":\"" + debtor + "\",\"to\":\"" + other + R"(","stars":1})");
  expect_problem(broke, 402, "insufficient_funds");
  EXPECT_EQ(member(broke.body, "owed"), "10");
}

}  // namespace
}  // namespace stardrop::api::test
