// Rates behind a proxy: each client has its own, and nobody makes up an address.
#include <gtest/gtest.h>

#include "tests/api/api_world.h"

namespace stardrop::api::test {
namespace {

constexpr std::string_view kPath = "/v1/editions";

ApiOptions behind(std::string_view proxy,
                  http::ProxyHeader header = http::ProxyHeader::x_forwarded_for) {
  ApiOptions options;
  options.rates.anonymous = {1, 2};
  options.rates.failed_logins = {1, 2};
  options.proxy_header = header;
  EXPECT_EQ(options.trusted_proxies.add(proxy), std::nullopt);
  return options;
}

unsigned status(ApiWorld& world, std::string_view header, std::string_view secret = {}) {
  return world
      .send("GET", secret.empty() ? kPath : "/v1/keys", secret, {}, {},
            std::string(header) + "\r\n")
      .status;
}

TEST(ApiProxy, EachClientHasARateOfItsOwn) {
  ApiWorld world(behind("127.0.0.1"));
  for (const std::string_view client : {"198.51.100.7", "198.51.100.8", "2001:db8:1::1"}) {
    const std::string header = "X-Forwarded-For: " + std::string(client);
    EXPECT_EQ(status(world, header), 200U);
    EXPECT_EQ(status(world, header), 200U);
    EXPECT_EQ(status(world, header), 429U) << client;
  }
  EXPECT_EQ(status(world, "X-Forwarded-For: 2001:db8:1::2"), 429U) << "the same network";
  EXPECT_EQ(status(world, "X-Forwarded-For: 2001:db8:1:1::2"), 200U);
}

TEST(ApiProxy, WhatAClientMakesUpIsBehindItsAddress) {
  ApiWorld world(behind("127.0.0.1"));
  EXPECT_EQ(status(world, "X-Forwarded-For: 1.1.1.1, 198.51.100.7"), 200U);
  EXPECT_EQ(status(world, "X-Forwarded-For: 2.2.2.2, 198.51.100.7"), 200U);
  EXPECT_EQ(status(world, "X-Forwarded-For: 3.3.3.3, 198.51.100.7"), 429U);
  EXPECT_EQ(status(world, "Forwarded: for=4.4.4.4\r\nX-Forwarded-For: 198.51.100.7"), 429U);
}

TEST(ApiProxy, GuessesAreCountedByClientToo) {
  ApiWorld world(behind("127.0.0.1", http::ProxyHeader::forwarded));
  EXPECT_EQ(status(world, "Forwarded: for=198.51.100.7", "wrong"), 401U);
  EXPECT_EQ(status(world, "Forwarded: for=198.51.100.7", "wrong"), 401U);
  EXPECT_EQ(status(world, "Forwarded: for=198.51.100.7", "wrong"), 429U);
  EXPECT_EQ(status(world, "Forwarded: for=198.51.100.8", "wrong"), 401U);
}

TEST(ApiProxy, AStrangersHeaderChangesNothing) {
  ApiWorld world(behind("10.0.0.0/8"));
  EXPECT_EQ(status(world, "X-Forwarded-For: 198.51.100.7"), 200U);
  EXPECT_EQ(status(world, "X-Forwarded-For: 198.51.100.8"), 200U);
  EXPECT_EQ(status(world, "X-Forwarded-For: 10.0.0.1"), 429U);
}

}  // namespace
}  // namespace stardrop::api::test
