// An app keeps so many checkouts open, and no more.
#include <gtest/gtest.h>

#include "tests/api/api_world.h"

namespace stardrop::api::test {
namespace {

ApiOptions at_most(std::int64_t reservations) {
  ApiOptions options;
  options.rates.reservations_per_app = reservations;
  return options;
}

/// A shop with an app, its user, and plenty to reserve.
class Shop {
 public:
  explicit Shop(std::int64_t reservations)
      : world(at_most(reservations)),
        bot(world.account(world.operator_secret, "bot")),
        app(world.secret_for("app", bot)),
        user(world.account(app)),
        edition(world.edition(R"("stars":25,"supply":100)")) {}

  ApiWorld::Answer reserve(std::string_view secret,
                           std::string_view account,
                           std::string_view key,
                           std::string_view more = R"(,"seconds":60)") {
    return world.send("POST", "/v1/editions/" + edition + "/reservations", secret, key,
                      "{\"account\":\"" + std::string(account) + "\"" + std::string(more) + "}");
  }
  ApiWorld::Answer reserve(std::string_view key) { return reserve(app, user, key); }

  ApiWorld world;
  std::string bot;
  std::string app;
  std::string user;
  std::string edition;
};

TEST(ApiReservations, AnAppKeepsSoManyOpen) {
  Shop shop(2);
  const auto first = shop.reserve("1");
  EXPECT_EQ(first.status, 201U) << first.body;
  EXPECT_EQ(shop.reserve(shop.app, shop.world.account(shop.app), "2").status, 201U);
  const auto over = shop.reserve("3");
  EXPECT_EQ(over.status, 429U);
  EXPECT_EQ(member(over.body, "code"), "rate_limited");
  EXPECT_EQ(member(over.body, "reservations_per_app"), "2");
  EXPECT_FALSE(over.header("Retry-After").empty());
  // The same request sent again is no new one.
  EXPECT_EQ(shop.reserve("1").body, first.body);
  // Neither the operator nor another app is concerned.
  EXPECT_EQ(shop.reserve(shop.world.operator_secret, shop.world.account(shop.app), "o").status,
            201U);
  const std::string other =
      shop.world.secret_for("app", shop.world.account(shop.world.operator_secret, "bot"));
  EXPECT_EQ(shop.reserve(other, shop.world.account(other), "4").status, 201U);
}

TEST(ApiReservations, WhatEndsMakesRoom) {
  Shop shop(1);
  const std::string path = "/v1/reservations/" + member(shop.reserve("1").body, "reservation");
  EXPECT_EQ(shop.reserve("2").status, 429U);
  EXPECT_EQ(shop.world.send("POST", path + "/release", shop.app, "r", "{}").status, 200U);
  EXPECT_EQ(shop.reserve("2").status, 201U) << "a refusal does not use up the key";
  EXPECT_EQ(shop.reserve("3").status, 429U);
  shop.world.advance(Duration::seconds(61));
  EXPECT_EQ(shop.reserve("3").status, 201U) << "what expired makes room too";
}

TEST(ApiReservations, ARefusedRequestLeavesItsPlace) {
  Shop shop(1);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(shop.reserve(shop.app, "acc_0000000000zzz", "x" + std::to_string(i)).status, 404U);
    EXPECT_EQ(shop.reserve(shop.app, shop.user, "y" + std::to_string(i), R"(,"seconds":-1)").status,
              400U);
  }
  EXPECT_EQ(shop.reserve("1").status, 201U);
}

TEST(ApiReservations, ABatchIsNoWayAround) {
  Shop shop(2);
  std::string body = R"({"commands":[)";
  for (int i = 0; i < 5; ++i) {
    body += std::string(i > 0 ? "," : "") + R"({"command":"reserve_gift","idempotency_key":"b)" +
            std::to_string(i) + R"(","params":{"edition":")" + shop.edition + R"(","account":")" +
            shop.user + R"("}})";
  }
  const auto answer = shop.world.send("POST", "/v1/batch", shop.app, "", body + "]}");
  std::size_t refused = 0;
  for (std::size_t at = 0; (at = answer.body.find("\"status\":429", at)) != std::string::npos;
       ++at) {
    ++refused;
  }
  EXPECT_EQ(refused, 3U * 2U) << answer.body;  // the line's status, and its problem's
  EXPECT_EQ(member(shop.world.get("/v1/editions/" + shop.edition).body, "reserved"), "2");
}

TEST(ApiReservations, ALimitOfZeroIsNone) {
  Shop shop(0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(shop.reserve(std::to_string(i)).status, 201U);
}

}  // namespace
}  // namespace stardrop::api::test
