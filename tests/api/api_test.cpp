// The API over a socket: who may do what, exactly once, and what late buyers are told.
#include <gtest/gtest.h>

#include "tests/api/api_world.h"

namespace stardrop::api::test {
namespace {

std::string purchase(std::string_view edition,
                     std::string_view from,
                     std::string_view more = R"("max_price":25)") {
  return "{\"edition\":\"" + std::string(edition) + "\",\"from\":\"" + std::string(from) +
         "\",\"to\":\"" + std::string(from) + "\"," + std::string(more) + "}";
}

TEST(ApiKeys, UnknownAndMalformedKeysGetTheSameAnswer) {
  ApiWorld world;
  const std::string account = world.account(world.operator_secret);
  const std::string path = "/v1/accounts/" + account;
  for (const std::string_view secret : {"op_0000", "nonsense", "usr_", "x.y.z"}) {
    const auto answer = world.send("GET", path, secret);
    EXPECT_EQ(answer.status, 401U);
    EXPECT_EQ(member(answer.body, "code"), "unauthorized");
  }
  EXPECT_EQ(world.send("GET", path, "").status, 401U);
  EXPECT_EQ(world.send("GET", path + "?token=" + world.operator_secret, "").status, 401U);
}

TEST(ApiKeys, WrongKeysAreCountedByAddress) {
  ApiWorld world({.failed_logins = {1, 3}});
  unsigned status = 401;
  for (int i = 0; i < 4; ++i) status = world.send("GET", "/v1/keys", "wrong").status;
  EXPECT_EQ(status, 429U);
  EXPECT_EQ(world.get("/v1/keys").status, 200U) << "a stranger's guesses lock nobody out";
}

TEST(ApiKeys, AUserTokenReachesItsOwnAccountAlone) {
  ApiWorld world;
  const std::string own = world.rich_account(100);
  const std::string other = world.rich_account(100);
  const std::string token = world.secret_for("user", own);
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + own, token).status, 200U);
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + other, token).status, 404U);
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + other + "/transactions", token).status, 404U);
  const std::string edition = world.edition(R"("stars":25,"supply":5)");
  EXPECT_EQ(world.send("POST", "/v1/gifts", token, "a", purchase(edition, other)).status, 404U);
  const std::string short_form =
      "{\"edition\":\"" + edition + "\",\"to\":\"" + other + R"(","max_price":25})";
  EXPECT_EQ(world.send("POST", "/v1/gifts", token, "b", short_form).status, 201U)
      << "who pays is the token's account when it isn't said";
  EXPECT_EQ(world.send("POST", "/v1/editions", token, "c", R"({"title":"X","stars":1})").status,
            403U);
  EXPECT_EQ(world.send("POST", "/v1/top-ups", token, "d", "{}").status, 403U);
}

TEST(ApiKeys, AnAppActsForTheAccountsItMade) {
  ApiWorld world;
  const std::string bot = world.account(world.operator_secret, "bot");
  const std::string app = world.secret_for("app", bot);
  const std::string its_own = world.account(app);
  const std::string foreign = world.account(world.operator_secret);
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + its_own, app).status, 200U);
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + foreign, app).status, 404U);
}

TEST(ApiKeys, ARevokedKeyIsNoKey) {
  ApiWorld world;
  const std::string own = world.account(world.operator_secret);
  const std::string token = world.secret_for("user", own);
  const auto keys = world.get("/v1/keys");
  const std::size_t last = keys.body.rfind("\"id\":\"key_");
  const std::string id = keys.body.substr(last + 6, 17);
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + own, token).status, 200U);
  EXPECT_EQ(world.post("/v1/keys/" + id + "/revoke", "r", "{}").status, 200U);
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + own, token).status, 401U);
}

TEST(ApiIdempotency, TheSameRequestAnswersTheSameBytesOnce) {
  ApiWorld world;
  const std::string buyer = world.rich_account(100);
  const std::string edition = world.edition(R"("stars":25,"supply":2)");
  const auto first = world.post("/v1/gifts", "k", purchase(edition, buyer));
  const auto again = world.post("/v1/gifts", "k", purchase(edition, buyer));
  EXPECT_EQ(first.status, 201U);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  const std::string spaced = "{ \"max_price\": 25, \"to\":\"" + buyer + "\", \"from\":\"" + buyer +
                             "\", \"edition\":\"" + edition + "\" }";
  EXPECT_EQ(world.post("/v1/gifts", "k", spaced).body, first.body)
      << "white space and the order of keys don't count";
  const auto other = world.post("/v1/gifts", "k", purchase(edition, buyer, R"("max_price":26)"));
  EXPECT_EQ(other.status, 422U);
  EXPECT_EQ(member(other.body, "code"), "idempotency_key_reused");
  EXPECT_EQ(member(world.get("/v1/editions/" + edition).body, "sold"), "1");
}

TEST(ApiIdempotency, ARefusalDoesNotUseUpTheKey) {
  ApiWorld world;
  const std::string buyer = world.rich_account(10);
  const std::string edition = world.edition(R"("stars":25,"supply":2)");
  const auto poor = world.post("/v1/gifts", "k", purchase(edition, buyer));
  EXPECT_EQ(poor.status, 402U);
  EXPECT_EQ(member(poor.body, "required"), "25");
  EXPECT_EQ(member(poor.body, "available"), "10");
  world.post("/v1/top-ups", "more",
             "{\"account\":\"" + buyer + R"(","stars":90,"provider":"t","reference":"more"})");
  EXPECT_EQ(world.post("/v1/gifts", "k", purchase(edition, buyer)).status, 201U);
}

TEST(ApiIdempotency, KeysMustBeThereAndSound) {
  ApiWorld world;
  EXPECT_EQ(member(world.post("/v1/gifts", "", "{}").body, "code"), "idempotency_key_required");
  for (const std::string& key : {std::string(256, 'x'), std::string("a b"), std::string("\x80")}) {
    const auto answer = world.post("/v1/gifts", key, "{}");
    EXPECT_EQ(answer.status, 400U) << key.size();
  }
  EXPECT_NE(member(world.post("/v1/gifts", std::string(255, 'x'), "{}").body, "code"),
            "idempotency_key_invalid");
}

TEST(ApiIdempotency, CallersDoNotShareKeys) {
  ApiWorld world;
  const std::string edition = world.edition(R"("stars":25,"supply":9)");
  const std::string anna = world.rich_account(100);
  const std::string ben = world.rich_account(100);
  const auto one =
      world.send("POST", "/v1/gifts", world.secret_for("user", anna), "k", purchase(edition, anna));
  const auto two =
      world.send("POST", "/v1/gifts", world.secret_for("user", ben), "k", purchase(edition, ben));
  EXPECT_EQ(one.status, 201U);
  EXPECT_EQ(two.status, 201U);
  EXPECT_NE(member(one.body, "id"), member(two.body, "id"));
}

TEST(ApiAmounts, OnlyPlainIntegersInRangeAreAmounts) {
  ApiWorld world;
  const std::string account = world.account(world.operator_secret);
  for (const std::string_view bad : {"0", "-1", "-0", "9223372036854775807", "9223372036854775808",
                                     "18446744073709551616", "1e400", "1.5", "1.0", "1e2", "\"1\"",
                                     "\" 1\"", "true", "null", "[]", "{}", "1000000000001"}) {
    const auto answer =
        world.post("/v1/top-ups", "k",
                   "{\"account\":\"" + account + "\",\"stars\":" + std::string(bad) +
                       R"(,"provider":"p","reference":"r"})");
    EXPECT_EQ(answer.status, 400U) << bad;
    EXPECT_EQ(member(answer.body, "code"), "amount_invalid") << bad << " " << answer.body;
    // What no number type holds is refused before anybody knows which field it is in.
    EXPECT_EQ(member(answer.body, "param"), bad == "1e400" ? "" : "stars") << bad;
  }
}

TEST(ApiBodies, WhatIsNotUnderstoodIsRefused) {
  ApiWorld world;
  const auto code = [&](std::string_view body) {
    return member(world.post("/v1/accounts", "", body).body, "code");
  };
  EXPECT_EQ(code("{"), "invalid_json");
  EXPECT_EQ(code("{} x"), "invalid_json");
  EXPECT_EQ(code(std::string_view("{}\0", 3)), "invalid_json");
  EXPECT_EQ(code("{\"name\":\"\xff\"}"), "invalid_json");
  EXPECT_EQ(code(R"({"name":"a","name":"b"})"), "invalid_request");
  EXPECT_EQ(code(R"({"name":"a","n\u0061me":"b"})"), "invalid_request");
  EXPECT_EQ(code(std::string(40, '[') + std::string(40, ']')), "invalid_request");
  EXPECT_EQ(code(R"({"nickname":"a"})"), "unknown_field");
  EXPECT_EQ(code(R"({"sealed_name":"a"})"), "unknown_field");
  EXPECT_EQ(code("[]"), "invalid_value");
  EXPECT_EQ(code("{}"), "missing_field");
  EXPECT_EQ(code(R"({"kind":"house"})"), "invalid_value");
  EXPECT_EQ(world
                .send("POST", "/v1/accounts", world.operator_secret, "", "a=1",
                      "Content-Type: application/x-www-form-urlencoded\r\n")
                .status,
            415U);
}

TEST(ApiRoutes, ThereIsOneSpellingOfEachPath) {
  ApiWorld world;
  EXPECT_EQ(world.get("/v1/editions").status, 200U);
  EXPECT_EQ(world.get("/v1/editions/").status, 404U);
  EXPECT_EQ(world.get("/V1/editions").status, 404U);
  EXPECT_EQ(world.get("/v1/editions?frob=1").status, 400U);
  EXPECT_EQ(world.get("/v1/editions?limit=101").status, 400U);
  const auto wrong =
      world.send("PUT", "/v1/editions", world.operator_secret, "", "", "Content-Length: 0\r\n");
  EXPECT_EQ(wrong.status, 405U);
  EXPECT_NE(wrong.header("Allow").find("GET"), std::string::npos);
  EXPECT_EQ(world.send("HEAD", "/v1/editions", world.operator_secret).status, 200U);
}

TEST(ApiReads, AnETagAnswersNotModified) {
  ApiWorld world;
  const std::string edition = world.edition(R"("stars":25,"supply":2)");
  const auto first = world.get("/v1/editions/" + edition);
  const std::string tag = first.header("ETag");
  ASSERT_FALSE(tag.empty());
  const auto same =
      world.send("GET", "/v1/editions/" + edition, "", "", "", "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(same.status, 304U);
  EXPECT_TRUE(same.body.empty());
}

TEST(ApiReads, ListsPageThroughEverythingOnce) {
  ApiWorld world;
  const std::string buyer = world.rich_account(1000);
  const std::string edition = world.edition(R"("stars":1,"supply":50)");
  for (int i = 0; i < 7; ++i) {
    world.post("/v1/gifts", "g" + std::to_string(i), purchase(edition, buyer));
  }
  std::string path = "/v1/accounts/" + buyer + "/gifts?limit=3";
  std::string seen;
  int pages = 0;
  for (std::string cursor; pages < 9; ++pages) {
    const auto page = world.get(path + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200U);
    for (std::size_t at = 0; (at = page.body.find("\"serial\":", at)) != std::string::npos; ++at) {
      seen += page.body[at + 9];
    }
    if (member(page.body, "has_more") == "false") break;
    cursor = member(page.body, "next_cursor");
    const std::string other = world.account(world.operator_secret);
    EXPECT_EQ(world.get("/v1/accounts/" + other + "/gifts?cursor=" + cursor).status, 400U)
        << "a cursor of another account's list";
  }
  EXPECT_EQ(seen, "7654321");
  EXPECT_EQ(pages, 2);
}

TEST(ApiSoldOut, LateBuyersGetTheFactsWithoutTheQueue) {
  ApiWorld world;
  const std::string buyer = world.rich_account(1000);
  const std::string edition = world.edition(R"("stars":25,"supply":1,"tags":["sweet"])");
  const std::string similar = world.edition(R"("stars":30,"tags":["sweet"])");
  const auto sold = world.post("/v1/gifts", "first", purchase(edition, buyer));
  ASSERT_EQ(sold.status, 201U);
  const auto commands = world.engine().stats().refusals.load();
  const auto late = world.post("/v1/gifts", "late", purchase(edition, buyer));
  EXPECT_EQ(late.status, 409U);
  EXPECT_EQ(member(late.body, "code"), "sold_out");
  EXPECT_EQ(member(late.body, "supply"), "1");
  EXPECT_TRUE(member(late.body, "first_sale_at").starts_with("2024-10-05T12:00:00")) << late.body;
  EXPECT_EQ(member(late.body, "position_if_joined"), "1");
  EXPECT_NE(late.body.find(similar), std::string::npos);
  EXPECT_EQ(world.engine().stats().refusals.load(), commands) << "the engine was not asked";
  EXPECT_EQ(world.post("/v1/gifts", "first", purchase(edition, buyer)).body, sold.body)
      << "an earlier success is answered even now";
}

TEST(ApiBatch, EveryLineStandsForItself) {
  ApiWorld world;
  const std::string buyer = world.rich_account(60);
  const std::string edition = world.edition(R"("stars":25,"supply":9)");
  const auto line = [&](std::string_view key) {
    return "{\"command\":\"send_gift\",\"idempotency_key\":\"" + std::string(key) +
           "\",\"params\":" + purchase(edition, buyer) + "}";
  };
  const std::string body = "{\"commands\":[" + line("a") + "," + line("a") +
                           ",{\"command\":\"x\",\"params\":{}}," + line("b") + "," + line("c") +
                           "]}";
  const auto answer = world.post("/v1/batch", "", body);
  ASSERT_EQ(answer.status, 200U) << answer.body;
  std::string statuses;
  for (std::size_t at = 0; (at = answer.body.find("{\"status\":", at)) != std::string::npos; ++at) {
    statuses += answer.body.substr(at + 10, 3) + " ";
  }
  EXPECT_EQ(statuses, "201 201 400 201 402 ");
  EXPECT_NE(answer.body.find("\"replayed\":true"), std::string::npos);
  std::string many = "{\"commands\":[";
  for (int i = 0; i < 1001; ++i) many += std::string(i == 0 ? "" : ",") + "{}";
  const auto refused = world.post("/v1/batch", "", many + "]}");
  EXPECT_EQ(member(refused.body, "code"), "batch_too_large");
}

TEST(ApiLimits, AUserIsToldWhenToComeBack) {
  ApiWorld world({.user = {1, 2}});
  const std::string own = world.account(world.operator_secret);
  const std::string token = world.secret_for("user", own);
  ApiWorld::Answer answer;
  for (int i = 0; i < 3; ++i) answer = world.send("GET", "/v1/accounts/" + own, token);
  EXPECT_EQ(answer.status, 429U);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  world.clock.advance(Duration::seconds(2));
  EXPECT_EQ(world.send("GET", "/v1/accounts/" + own, token).status, 200U);
}

TEST(ApiSystem, HealthMetricsAndDocumentsAnswer) {
  ApiWorld world;
  EXPECT_EQ(world.send("GET", "/livez", "").body, "ok\n");
  EXPECT_EQ(world.send("GET", "/readyz", "").body, "ok\n");
  EXPECT_NE(world.send("GET", "/metrics", "").body.find("stardrop_commands_total 1"),
            std::string::npos);
  EXPECT_NE(world.send("GET", "/openapi.json", "").body.find("\"openapi\": \"3.1.0\""),
            std::string::npos);
  EXPECT_EQ(world.send("GET", "/openapi-3.0.json", "").body.find("\"null\""), std::string::npos);
  EXPECT_NE(world.send("GET", "/docs", "").body.find("/v1/gifts"), std::string::npos);
  EXPECT_NE(world.send("GET", "/docs/errors", "").body.find("sold_out"), std::string::npos);
  EXPECT_EQ(member(world.get("/v1/audit").body, "ok"), "true");
  EXPECT_EQ(world.send("GET", "/v1/audit", "").status, 401U);
}

TEST(ApiFeed, AWatcherSeesTheSnapshotAndOneFinalSoldOut) {
  ApiWorld world;
  const std::string buyer = world.rich_account(1000);
  const std::string edition = world.edition(R"("stars":25,"supply":2)");
  http::test::RawClient watcher(world.port());
  watcher.send("GET /v1/events?editions=" + edition + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string opening = watcher.read_until("event: ready");
  EXPECT_NE(opening.find("event: edition.snapshot"), std::string::npos);
  world.post("/v1/gifts", "1", purchase(edition, buyer));
  world.post("/v1/gifts", "2", purchase(edition, buyer));
  world.post("/v1/gifts", "3", purchase(edition, buyer));
  const std::string news = watcher.read_until("\"sold_out\":true");
  std::size_t finals = 0;
  for (std::size_t at = 0; (at = news.find("event: edition.sold_out", at)) != std::string::npos;
       ++at) {
    ++finals;
  }
  EXPECT_EQ(finals, 1U) << news;
  EXPECT_EQ(news.find("gift.received"), std::string::npos) << "private events need a key";
}

}  // namespace
}  // namespace stardrop::api::test
