// WebSocket over a real socket: handshakes, frames, floods, slow readers, drain.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace stardrop::api::http::test {
namespace {

using namespace std::string_literals;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // of RFC 6455 1.3
constexpr char kText = '\x81';
constexpr char kClose = '\x88';
constexpr char kPing = '\x89';

std::string handshake(std::string_view more = "") {
  return "GET /ws HTTP/1.1\r\nHost: shop.example:8080\r\nUpgrade: websocket\r\nConnection: "
         "Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
         std::string(kKey) + "\r\n" + std::string(more) + "\r\n";
}

/// A frame as a client sends it, masked with zeroes, which leave the payload readable.
std::string frame(char first, std::string_view payload, bool masked = true) {
  const auto mask = static_cast<char>(masked ? 0x80 : 0);
  std::string bytes(1, first);
  if (payload.size() < 126) {
    bytes += static_cast<char>(mask | static_cast<char>(payload.size()));
  } else {
    const int length_bytes = payload.size() < 65536 ? 2 : 8;
    bytes += static_cast<char>(mask | (length_bytes == 2 ? 126 : 127));
    for (int shift = (length_bytes - 1) * 8; shift >= 0; shift -= 8) {
      bytes += static_cast<char>(payload.size() >> shift & 0xff);
    }
  }
  if (masked) bytes.append(4, '\0');
  return bytes.append(payload);
}

struct Frame {
  int opcode = -1;  ///< −1: the connection ended
  std::string payload;
};

/// Reads a frame as a server sends it.
Frame read_frame(RawClient& client) {
  const std::string start = client.read_bytes(2);
  if (start.size() < 2) return {};
  std::size_t size = static_cast<unsigned char>(start[1]);
  EXPECT_LT(size, 128u) << "a server does not mask";
  if (size >= 126) {
    std::size_t longer = 0;
    for (const char byte : client.read_bytes(size == 126 ? 2 : 8)) {
      longer = longer << 8 | static_cast<unsigned char>(byte);
    }
    size = longer;
  }
  return {static_cast<unsigned char>(start[0]) & 0x0f, client.read_bytes(size)};
}

unsigned close_code(const Frame& frame) {
  if (frame.opcode != 8 || frame.payload.size() < 2) return 0;
  return static_cast<unsigned>(static_cast<unsigned char>(frame.payload[0]) << 8 |
                               static_cast<unsigned char>(frame.payload[1]));
}

/// Reads past everything else to the close frame.
unsigned read_close(RawClient& client) {
  while (true) {
    const Frame next = read_frame(client);
    if (next.opcode == 8 || next.opcode == -1) return close_code(next);
  }
}

std::unique_ptr<RawClient> connect(TestServer& server, int receive_buffer_bytes = 0) {
  auto client = std::make_unique<RawClient>(server.port(), receive_buffer_bytes);
  client->send(handshake());
  EXPECT_EQ(client->read_answer().status, 101u);
  return client;
}

TEST(WebSocket, ShakesHandsAndEchoes) {
  TestServer server;
  RawClient client(server.port());
  client.send(handshake());
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 101u);
  EXPECT_EQ(answer.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answer.header("Sec-WebSocket-Extensions"), "");
  client.send(frame(kText, "hello") + frame(kText, std::string(65536, 'x')));
  EXPECT_EQ(read_frame(client).payload, "hello");
  EXPECT_EQ(read_frame(client).payload.size(), 65536u);
  client.send(frame(kPing, "are you there"));
  const Frame pong = read_frame(client);
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "are you there");
  client.send("\x01\x83"s + "\0\0\0\0"s + "one" + "\x80\x83"s + "\0\0\0\0"s + "two");
  EXPECT_EQ(read_frame(client).payload, "onetwo");
  client.send(frame(kClose, "\x03\xe8"));
  EXPECT_EQ(read_close(client), 1000u);
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{1000});
  EXPECT_EQ(server.stats().websockets_open, 0u);
}

TEST(WebSocket, RefusesBadHandshakes) {
  TestServer server(
      [](ServerOptions& options) { options.allowed_origins = {"https://ok.example"}; });
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string text = handshake();
    return text.replace(text.find(from), from.size(), to);
  };
  struct Case {
    std::string name, bytes;
    unsigned status;
  };
  const std::vector<Case> cases = {
      {"plain GET", "GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", 426},
      {"other protocol", changed("Upgrade: websocket", "Upgrade: h2c"), 426},
      {"no Upgrade", changed("Upgrade: websocket\r\n", ""), 426},
      {"no Connection", changed("Connection: Upgrade\r\n", ""), 400},
      {"Connection without upgrade", changed("Connection: Upgrade", "Connection: keep-alive"), 400},
      {"version 8", changed("Version: 13", "Version: 8"), 426},
      {"version 013", changed("Version: 13", "Version: 013"), 426},
      {"no version", changed("Sec-WebSocket-Version: 13\r\n", ""), 426},
      {"no key", changed("Sec-WebSocket-Key: " + std::string(kKey) + "\r\n", ""), 400},
      {"empty key", changed(kKey, ""), 400},
      {"short key", changed(kKey, "dGhlIHNhbXBsZQ=="), 400},
      {"long key", changed(kKey, "dGhlIHNhbXBsZSBub25jZQAAAA=="), 400},
      {"key not base64", changed(kKey, "dGhlIHNhbXBs*SBub25jZQ=="), 400},
      {"key with stray bits", changed(kKey, "dGhlIHNhbXBsZSBub25jZR=="), 400},
      {"HTTP/1.0", changed("HTTP/1.1", "HTTP/1.0"), 400},
      {"HEAD", changed("GET", "HEAD"), 400},
      {"POST", changed("GET /ws HTTP/1.1\r\n", "POST /ws HTTP/1.1\r\nContent-Length: 0\r\n"), 400},
      {"frames before the answer", handshake() + frame(kText, "early"), 400},
      {"request behind it", handshake() + "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"foreign origin", handshake("Origin: https://evil.example\r\n"), 403},
      {"origin that begins like ours",
       handshake("Origin: http://shop.example:8080.evil.example\r\n"), 403},
      {"host with another port", handshake("Origin: http://shop.example\r\n"), 403},
      {"null origin", handshake("Origin: null\r\n"), 403},
      {"empty origin", handshake("Origin: \r\n"), 403},
      {"file origin", handshake("Origin: file://shop.example:8080\r\n"), 403},
  };
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.name);
    RawClient client(server.port());
    client.send(bad.bytes);
    const Answer answer = client.read_answer(bad.name != "HEAD");
    EXPECT_EQ(answer.status, bad.status) << answer.body;
    if (bad.status == 426) {
      EXPECT_EQ(answer.header("Sec-WebSocket-Version"), "13");
    }
    EXPECT_EQ(client.read_to_end(), "");
  }
  EXPECT_EQ(server.stats().websockets_opened, 0u);
}

TEST(WebSocket, LetsPagesOfAllowedOriginsIn) {
  TestServer server(
      [](ServerOptions& options) { options.allowed_origins = {"https://ok.example"}; });
  for (const std::string origin : {"https://ok.example", "https://OK.example",
                                   "http://shop.example:8080", "https://shop.example:8080"}) {
    RawClient client(server.port());
    client.send(handshake("Origin: " + origin + "\r\n"));
    EXPECT_EQ(client.read_answer().status, 101u) << origin;
  }
}

TEST(WebSocket, CanBeAcceptedLaterAndWhenTheRequestCameInPieces) {
  TestServer server;
  RawClient client(server.port());
  std::string bytes = handshake();
  bytes.replace(bytes.find("/ws"), 3, "/hold");
  for (const char byte : bytes) client.send({&byte, 1});
  server.handler().wait_held(1);
  server.run_there([&] {
    const auto held = server.handler().take_held();
    const auto listener = std::make_shared<RecordingListener>();
    EXPECT_TRUE(held.front()->accept_websocket(listener));
  });
  EXPECT_EQ(client.read_answer().status, 101u);
  client.send(frame(kText, "hello"));
  EXPECT_EQ(read_frame(client).payload, "hello");
}

TEST(WebSocket, RefusesToShareAConnectionWithUnansweredRequests) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n" + handshake());
  server.handler().wait_held(1);
  server.handler().release({0});
  EXPECT_EQ(client.read_answer().status, 200u);
  EXPECT_EQ(client.read_answer().status, 400u);
}

TEST(WebSocket, ClosesOnBadFrames) {
  TestServer server;
  struct Case {
    std::string name, bytes;
    unsigned code;
  };
  const std::string mask = "\0\0\0\0"s;
  const std::vector<Case> cases = {
      {"unmasked", frame(kText, "x", false), 1002},
      {"RSV1", frame('\xc1', "x"), 1002},
      {"RSV2", frame('\xa1', "x"), 1002},
      {"RSV3", frame('\x91', "x"), 1002},
      {"opcode 3", frame('\x83', "x"), 1002},
      {"opcode 7", frame('\x87', "x"), 1002},
      {"opcode 11", frame('\x8b', "x"), 1002},
      {"opcode 15", frame('\x8f', "x"), 1002},
      {"length 2^62", "\x81\xff\x40\0\0\0\0\0\0\0"s + mask, 1009},
      {"length with high bit", "\x81\xff\x80\0\0\0\0\0\0\1"s + mask, 1009},
      {"16-bit length below 126", "\x81\xfe\0\x05"s + mask + "hello", 1002},
      {"64-bit length below 65536", "\x81\xff\0\0\0\0\0\0\0\x05"s + mask + "hello", 1002},
      {"fragmented ping", frame('\x09', "x"), 1002},
      {"long ping", frame(kPing, std::string(126, 'x')), 1002},
      {"bad UTF-8", frame(kText, "\xff"), 1007},
      {"overlong UTF-8", frame(kText, "\xc0\xaf"), 1007},
      {"surrogate", frame(kText, "\xed\xa0\x80"), 1007},
      {"cut UTF-8", frame(kText, "\xe2\x82"), 1007},
      {"continuation of nothing", frame('\x80', "x"), 1002},
      {"text inside a message", frame('\x01', "x") + frame(kText, "y"), 1002},
      {"close of one byte", frame(kClose, "\x03"), 1002},
      {"close code 999", frame(kClose, "\x03\xe7"), 1002},
      {"close code 1005", frame(kClose, "\x03\xed"), 1002},
      {"close reason not UTF-8", frame(kClose, "\x03\xe8\xff"), 1002},
      {"binary", frame('\x82', "x"), 1003},
      {"one byte too long", frame(kText, std::string(65537, 'x')), 1009},
      {"fragments too long",
       frame('\x01', std::string(40000, 'x')) + frame('\x80', std::string(40000, 'x')), 1009},
  };
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.name);
    const auto client = connect(server);
    client->send(bad.bytes);
    EXPECT_EQ(read_close(*client), bad.code);
    client->close();
  }
  EXPECT_EQ(server.handler().live().wait_closed(cases.size()).size(), cases.size());
  EXPECT_TRUE(server.handler().live().messages().empty());
}

TEST(WebSocket, ClosesOnFloods) {
  TestServer server([](ServerOptions& options) { options.timeouts.ws_close_ms = 100; });
  const std::string pings = frame(kPing, "");
  const std::string messages = frame(kText, "x");
  for (const std::string& one : {pings, messages}) {
    const auto client = connect(server);
    std::string flood;
    for (int i = 0; i < 20'000; ++i) flood += one;
    client->send(flood);
    EXPECT_EQ(read_close(*client), 1008u);
  }
  EXPECT_LE(server.handler().live().messages().size(), 50u);
}

TEST(WebSocket, ClosesOnEndlessEmptyFragments) {
  TestServer server([](ServerOptions& options) { options.timeouts.ws_close_ms = 100; });
  const auto client = connect(server);
  client->send(frame('\x01', ""));
  std::string flood;
  while (flood.size() < 100'000) flood += frame('\x00', "");
  while (server.stats().ws_policy_closed == 0) client->send(flood);
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{1008});
}

TEST(WebSocket, PingsAndGivesUpOnTheDead) {
  TestServer server([](ServerOptions& options) { options.timeouts.ws_ping_ms = 20; });
  const auto client = connect(server);
  EXPECT_EQ(read_frame(*client).opcode, 9);
  EXPECT_EQ(read_frame(*client).opcode, -1);
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{1006});
}

TEST(WebSocket, DropsTheSlowWithoutDelayingTheOthers) {
  TestServer server([](ServerOptions& options) { options.timeouts.ws_close_ms = 20; });
  const auto slow = connect(server, 4096);
  server.handler().live().wait_open(1);
  const auto quick = connect(server);
  const auto channels = server.handler().live().wait_open(2);
  const auto text = std::make_shared<const std::string>(std::string(8000, 'e'));
  std::size_t taken_after_drop = 0;
  std::size_t queued_most = 0;
  // Goes on for a while after the drop: the quick one must notice nothing.
  for (int after = 0; after < 5;) {
    const bool dropped = server.stats().slow_watchers_dropped > 0;
    server.run_there([&] {
      for (int i = 0; i < 20; ++i) {
        const bool slow_took = channels[0]->send(text);
        taken_after_drop += dropped && slow_took ? 1 : 0;
        queued_most = std::max(queued_most, channels[0]->queued_bytes());
        EXPECT_TRUE(channels[1]->send(text));
      }
    });
    for (int i = 0; i < 20; ++i) ASSERT_EQ(read_frame(*quick).payload.size(), text->size());
    if (dropped) ++after;
  }
  EXPECT_EQ(taken_after_drop, 0u);
  EXPECT_LE(queued_most, 256u * 1024);
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{1013});
  while (server.stats().connections_open > 1) server.run_there([] {});
  EXPECT_EQ(server.stats().slow_watchers_dropped, 1u);
}

TEST(WebSocket, TellsALaggardWhoReadsOnWhyItIsClosed) {
  TestServer server([](ServerOptions& options) { options.ws_queue_bytes_max = 50'000; });
  const auto client = connect(server);
  const auto channel = server.handler().live().wait_open(1).front();
  server.run_there([&] {
    const auto text = std::make_shared<const std::string>(std::string(30'000, 'e'));
    EXPECT_TRUE(channel->send(text));
    EXPECT_FALSE(channel->send(text));
    EXPECT_FALSE(channel->send(text));
  });
  EXPECT_EQ(read_close(*client), 1013u);
}

TEST(WebSocket, ClosesWithTheCodeOfTheApplication) {
  TestServer server;
  const auto client = connect(server);
  const auto channel = server.handler().live().wait_open(1).front();
  server.run_there([&] {
    channel->send(std::make_shared<const std::string>("last"));
    channel->close(4401, "token expired");
    EXPECT_FALSE(channel->send(std::make_shared<const std::string>("too late")));
  });
  EXPECT_EQ(read_frame(*client).payload, "last");
  const Frame end = read_frame(*client);
  EXPECT_EQ(close_code(end), 4401u);
  EXPECT_EQ(end.payload.substr(2), "token expired");
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{4401});
}

TEST(WebSocket, SharesOneTextAmongMany) {
  TestServer server;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(connect(server));
  const auto channels = server.handler().live().wait_open(20);
  const auto text = std::make_shared<const std::string>("sold out");
  server.run_there([&] {
    for (const LivePtr& channel : channels) channel->send(text);
  });
  for (const auto& client : clients) EXPECT_EQ(read_frame(*client).payload, "sold out");
}

TEST(WebSocket, SaysGoodbyeWhenTheServerStops) {
  TestServer server;
  const auto client = connect(server);
  server.handler().live().wait_open(1);
  bool drained = false;
  std::thread stopper([&] { drained = server.server().stop(std::chrono::seconds(30)); });
  const Frame end = read_frame(*client);
  EXPECT_EQ(close_code(end), 1001u);
  client->send(frame(kClose, end.payload));
  EXPECT_EQ(client->read_to_end(), "");
  stopper.join();
  EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace stardrop::api::http::test
