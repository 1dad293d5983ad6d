// Server-sent events over a real socket.
#include "api/http/event_stream.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace stardrop::api::http::test {
namespace {

const std::string kOpen = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n";

/// Reads one chunk of a chunked body; empty for the last.
std::string read_chunk(RawClient& client) {
  const std::string size = client.read_until("\r\n");
  const std::string text = client.read_bytes(std::strtoul(size.c_str(), nullptr, 16));
  EXPECT_EQ(client.read_bytes(2), "\r\n");
  return text;
}

LivePtr open(TestServer& server, RawClient& client) {
  client.send(kOpen);
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(answer.header("Content-Length"), "");
  EXPECT_EQ(read_chunk(client), "retry: 1234\n\n");
  return server.handler().live().wait_open(1).front();
}

TEST(EventText, WritesTheFieldsOfAnEvent) {
  EXPECT_EQ(event_text("7", "sold", "{}"), "id: 7\nevent: sold\ndata: {}\n\n");
  EXPECT_EQ(event_text("", "", "a\nb"), "data: a\ndata: b\n\n");
  EXPECT_EQ(event_text("", "", ""), "data: \n\n");
}

TEST(EventStream, SendsEventsInChunks) {
  TestServer server;
  RawClient client(server.port());
  const LivePtr channel = open(server, client);
  const auto text = std::make_shared<const std::string>(event_text("1", "sold", "{\"left\":9}"));
  server.run_there([&] {
    EXPECT_TRUE(channel->send(text));
    EXPECT_TRUE(channel->send(text));
    EXPECT_TRUE(channel->send(std::make_shared<const std::string>()))
        << "nothing, which must not end the body";
    EXPECT_TRUE(channel->send(text));
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read_chunk(client), *text);
  server.run_there([&] { channel->close(kCloseNormal, ""); });
  EXPECT_EQ(read_chunk(client), "");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{kCloseNormal});
}

TEST(EventStream, EndsWithTheConnectionForHttp10) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /events HTTP/1.0\r\nHost: a\r\n\r\n");
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.header("Transfer-Encoding"), "");
  EXPECT_EQ(answer.header("Connection"), "close");
  const LivePtr channel = server.handler().live().wait_open(1).front();
  server.run_there([&] {
    channel->send(std::make_shared<const std::string>("data: x\n\n"));
    channel->close(kCloseNormal, "");
  });
  EXPECT_EQ(client.read_to_end(), "retry: 1234\n\ndata: x\n\n");
}

TEST(EventStream, ShowsLifeOnAQuietStream) {
  TestServer server([](ServerOptions& options) { options.timeouts.sse_ping_ms = 10; });
  RawClient client(server.port());
  open(server, client);
  EXPECT_EQ(read_chunk(client), ":\n\n");
  EXPECT_EQ(read_chunk(client), ":\n\n");
}

TEST(EventStream, IsNotIdle) {
  TestServer server([](ServerOptions& options) {
    options.timeouts.idle_ms = 5;
    options.timeouts.sse_ping_ms = 50;
  });
  // On a slow machine a connection is idle for too long before its request has arrived: then again.
  std::uint64_t too_late = 0;
  std::optional<RawClient> client;
  for (;; ++too_late) {
    client.emplace(server.port());
    client->send(kOpen);
    if (client->read_answer().status == 200) break;
  }
  EXPECT_EQ(read_chunk(*client), "retry: 1234\n\n");
  EXPECT_EQ(read_chunk(*client), ":\n\n");
  EXPECT_EQ(server.stats().idle_closed, too_late);
}

TEST(EventStream, DropsAReaderThatLags) {
  TestServer server([](ServerOptions& options) { options.output_buffer_max = 64 * 1024; });
  RawClient client(server.port(), 4096);
  client.send(kOpen);
  const LivePtr channel = server.handler().live().wait_open(1).front();
  const auto text =
      std::make_shared<const std::string>(event_text("1", "x", std::string(8000, 'e')));
  bool taken = true;
  while (taken) {
    server.run_there([&] {
      taken = channel->send(text);
      EXPECT_LE(channel->queued_bytes(), 64u * 1024);
    });
  }
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{kCloseTryLater});
  EXPECT_EQ(server.stats().slow_watchers_dropped, 1u);
  EXPECT_FALSE(client.read_to_end().ends_with("0\r\n\r\n"))
      << "the browser must notice that the end is missing";
}

TEST(EventStream, NoticesThatTheClientLeft) {
  TestServer server;
  RawClient client(server.port());
  open(server, client);
  client.close();
  EXPECT_EQ(server.handler().live().wait_closed(1), std::vector<std::uint16_t>{kCloseAbnormal});
  EXPECT_EQ(server.stats().event_streams_open, 0u);
}

TEST(EventStream, IgnoresWhatFollowsItsRequest) {
  TestServer server;
  RawClient client(server.port());
  const LivePtr channel = open(server, client);
  client.send("GET /bytes?1 HTTP/1.1\r\nHost: a\r\n\r\n");
  server.run_there([&] { channel->close(kCloseNormal, ""); });
  EXPECT_EQ(client.read_to_end().substr(0, 5), "0\r\n\r\n");
  EXPECT_EQ(server.stats().requests, 1u);
}

TEST(EventStream, RefusesForeignPagesAndSharedConnections) {
  TestServer server;
  RawClient foreign(server.port());
  foreign.send("GET /events HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\r\n");
  EXPECT_EQ(foreign.read_answer().status, 403u);
  RawClient shared(server.port());
  shared.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n" + kOpen);
  server.handler().wait_held(1);
  server.handler().release({0});
  EXPECT_EQ(shared.read_answer().status, 200u);
  EXPECT_EQ(shared.read_answer().status, 400u);
}

TEST(EventStream, GivesHeadOnlyTheHead) {
  TestServer server;
  RawClient client(server.port());
  client.send("HEAD /events HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\n"));
  EXPECT_EQ(server.stats().event_streams_opened, 0u);
}

TEST(EventStream, EndsProperlyWhenTheServerStops) {
  TestServer server;
  RawClient client(server.port());
  open(server, client);
  EXPECT_TRUE(server.server().stop(std::chrono::seconds(30)));
  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
}

}  // namespace
}  // namespace stardrop::api::http::test
