// A stream ends with the key it was opened with (RFC 6455 close code 4401, or the answer's end).
#include <gtest/gtest.h>

#include "tests/api/api_world.h"

namespace stardrop::api::test {
namespace {

/// Code 4401 and the reason, as they stand in a close frame.
constexpr std::string_view kUnauthorizedClose = "\x11\x31the key was revoked or has expired";

struct Token {
  std::string id;
  std::string secret;
};

Token token_for(ApiWorld& world, std::string_view account, std::string_view more = "") {
  const auto answer = world.post(
      "/v1/keys", std::string(account) + "-token",
      "{\"kind\":\"user\",\"account\":\"" + std::string(account) + "\"" + std::string(more) + "}");
  EXPECT_EQ(answer.status, 201U) << answer.body;
  return {member(answer.body, "id"), member(answer.body, "secret")};
}

/// A watcher of the account's private events; reads on until the snapshot is through.
class Watching {
 public:
  Watching(ApiWorld& world, std::string_view secret, std::string_view account, bool websocket)
      : client_(world.port()) {
    std::string request = websocket ? "GET /v1/stream?accounts=" : "GET /v1/events?accounts=";
    request.append(account).append(" HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ");
    request.append(secret).append("\r\n");
    if (websocket) {
      request +=
          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    }
    client_.send(request + "\r\n");
    EXPECT_NE(client_.read_until("\"type\":\"ready\"").find("\"type\":\"ready\""),
              std::string::npos);
  }
  http::test::RawClient& client() { return client_; }

 private:
  http::test::RawClient client_;
};

TEST(ApiLiveKeys, ARevokedKeyEndsItsStreams) {
  ApiWorld world;
  const std::string account = world.account(world.operator_secret);
  const std::string other = world.account(world.operator_secret);
  const Token token = token_for(world, account);
  Watching socket(world, token.secret, account, true);
  Watching events(world, token.secret, account, false);
  Watching stranger(world, token_for(world, other).secret, other, false);
  EXPECT_EQ(world.post("/v1/keys/" + token.id + "/revoke", "revoke", "{}").status, 200U);
  const std::string last = socket.client().read_until(kUnauthorizedClose);
  EXPECT_NE(last.find(std::string("\x88\x24") + std::string(kUnauthorizedClose)),
            std::string::npos);
  EXPECT_TRUE(events.client().read_to_end().ends_with("0\r\n\r\n"));
  // Who has another key notices nothing.
  world.post("/v1/top-ups", "t",
             "{\"account\":\"" + other + R"(","stars":5,"provider":"test","reference":"r"})");
  EXPECT_NE(stranger.client().read_until("stars.topped_up").find("stars.topped_up"),
            std::string::npos);
}

TEST(ApiLiveKeys, AnExpiredTokenEndsItsStreams) {
  ApiWorld world;
  const std::string account = world.account(world.operator_secret);
  const Token token = token_for(world, account, R"(,"expires_at":"2024-10-05T13:00:00Z")");
  world.clock.set(*parse_rfc3339("2024-10-05T12:59:59Z"));
  Watching socket(world, token.secret, account, true);
  Watching events(world, token.secret, account, false);
  world.clock.set(*parse_rfc3339("2024-10-05T13:00:00Z"));
  EXPECT_NE(socket.client().read_until(kUnauthorizedClose).find(kUnauthorizedClose),
            std::string::npos);
  EXPECT_TRUE(events.client().read_to_end().ends_with("0\r\n\r\n"));
}

TEST(ApiLiveKeys, NobodyWatchesAnothersAccount) {
  ApiWorld world;
  const std::string account = world.account(world.operator_secret);
  const std::string other = world.account(world.operator_secret);
  const Token token = token_for(world, account);
  for (const std::string path : {"/v1/events?accounts=", "/v1/stream?accounts="}) {
    EXPECT_EQ(world.send("GET", path + other, token.secret).status, 404U);
    EXPECT_EQ(world.send("GET", path + other, "").status, 401U);
    EXPECT_EQ(world.send("GET", path + "all", token.secret).status, 403U);
  }
}

TEST(ApiLiveKeys, AKeyHasSoManyWatchers) {
  ApiWorld world;
  const std::string account = world.account(world.operator_secret);
  const Token token = token_for(world, account);
  world.clock.advance(Duration::seconds(10));
  std::vector<std::unique_ptr<Watching>> watching;
  for (int i = 0; i < Feed::kWatchersPerKey; ++i) {
    world.clock.advance(Duration::seconds(1));  // within the rate of a user
    watching.push_back(std::make_unique<Watching>(world, token.secret, account, false));
  }
  http::test::RawClient one_more(world.port());
  one_more.send("GET /v1/events?accounts=" + account +
                " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token.secret +
                "\r\n\r\n");
  const std::string answer = one_more.read_to_end();
  EXPECT_TRUE(answer.ends_with("0\r\n\r\n"));
  EXPECT_EQ(answer.find("ready"), std::string::npos);
}

}  // namespace
}  // namespace stardrop::api::test
