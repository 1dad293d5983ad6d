// HTTP over a real socket: order, framing, limits, deadlines, drain.
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/api/http/hostile_requests.h"
#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace stardrop::api::http::test {
namespace {

std::string post(std::string_view path, std::string_view body, std::string_view lines = "") {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(lines) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string get(std::string_view target, std::string_view lines = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(lines) + "\r\n";
}

std::vector<unsigned> statuses(std::string_view bytes) {
  std::vector<unsigned> found;
  for (std::size_t at = 0; (at = bytes.find("HTTP/1.1 ", at)) != std::string_view::npos;) {
    at += 9;
    const auto status =
        static_cast<unsigned>(std::strtoul(std::string(bytes.substr(at, 3)).c_str(), nullptr, 10));
    if (status != 0) found.push_back(status);  // else it is prose in a body
  }
  return found;
}

TEST(Http, AnswersEveryHostileRequestOnceAndCloses) {
  TestServer server;
  std::uint64_t good = 0;
  for (const HostileRequest& hostile : hostile_requests()) {
    SCOPED_TRACE(hostile.name);
    RawClient client(server.port());
    client.send(hostile.bytes);
    const std::string all = client.read_to_end();
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(statuses(all), hostile.statuses) << all;
    if (hostile.statuses.back() != 200) {
      EXPECT_NE(all.find("application/problem+json"), std::string::npos);
      EXPECT_NE(all.find("Connection: close"), std::string::npos);
    }
    for (const unsigned status : hostile.statuses) good += status == 200 ? 1 : 0;
  }
  EXPECT_EQ(server.stats().requests, good) << "a refused request reached the handler";
}

TEST(Http, AnswersARequestThatArrivesByteByByte) {
  TestServer server;
  RawClient client(server.port());
  for (int round = 0; round < 2; ++round) {
    for (const char byte : post("/echo", R"({"a":1})")) client.send({&byte, 1});
    const Answer answer = client.read_answer();
    EXPECT_EQ(answer.status, 200u);
    EXPECT_EQ(answer.body, R"({"a":1})");
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    EXPECT_EQ(answer.header("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(answer.header("Connection"), "");
  }
  EXPECT_EQ(server.stats().connections_accepted, 1u);
}

TEST(Http, ShowsTheHandlerTheWholeRequest) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/fields?x=1", "the body", "X-Request-Id: req-7\r\n"));
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.body, "POST\n/fields?x=1\nthe body\n127.0.0.1");
  EXPECT_EQ(answer.header("X-Request-Id"), "req-7");
  EXPECT_EQ(answer.header("X-Split"), "a  X-Evil: b")
      << "a value must not become a line of its own";
  EXPECT_EQ(answer.header("X-Evil"), "");
}

TEST(Http, AnswersPipelinedRequestsInOrderWhateverTheOrderOfTheAnswers) {
  TestServer server;
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 5; ++i) all += post("/hold", "held " + std::to_string(i));
  client.send(all + post("/echo", "last"));
  server.handler().wait_held(5);
  server.handler().release({4, 2, 0, 1, 3});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.read_answer().body, "held " + std::to_string(i));
  EXPECT_EQ(client.read_answer().body, "last");
}

TEST(Http, GroupsTheRequestsOfOneRead) {
  TestServer server;
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += post("/echo", "x");
  client.send(all);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read_answer().status, 200u);
  EXPECT_LT(server.handler().groups(), 50u);
}

TEST(Http, TakesThousandsOfPipelinedRequests) {
  TestServer server([](ServerOptions& options) { options.pipeline_depth_max = 3; });
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 3000; ++i) all += post("/echo", std::to_string(i));
  client.send(all);
  for (int i = 0; i < 3000; ++i) ASSERT_EQ(client.read_answer().body, std::to_string(i));
}

TEST(Http, StopsReadingAtThePipelineDepth) {
  TestServer server([](ServerOptions& options) { options.pipeline_depth_max = 4; });
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 10; ++i) all += post("/hold", std::to_string(i));
  client.send(all);
  server.handler().wait_held(4);
  server.run_there([] {});
  EXPECT_EQ(server.stats().requests, 4u);
  server.handler().release({0, 1, 2, 3});
  server.handler().wait_held(4);
  server.handler().release({0, 1, 2, 3});
  server.handler().wait_held(2);
  server.handler().release({1, 0});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.read_answer().body, std::to_string(i));
}

TEST(Http, GivesHeadTheSameHeadWithoutBody) {
  TestServer server;
  RawClient client(server.port());
  client.send("HEAD /bytes?10 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/bytes?10"));
  const Answer head = client.read_answer(false);
  const Answer whole = client.read_answer();
  EXPECT_EQ(head.head, whole.head);
  EXPECT_EQ(head.header("Content-Length"), "10");
  EXPECT_EQ(whole.body, "bbbbbbbbbb");
}

TEST(Http, SendsNoBodyWhereTheStatusHasNone) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/status?204") + get("/status?304") + get("/bytes?1"));
  for (const unsigned status : {204u, 304u}) {
    const Answer answer = client.read_answer();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("Content-Length"), "");
    EXPECT_EQ(answer.header("Content-Type"), "");
  }
  EXPECT_EQ(client.read_answer().body, "b");
}

TEST(Http, ClosesWhenTheClientWantsIt) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/bytes?3", "Connection: close\r\n"));
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(all.ends_with("bbb"));
}

TEST(Http, KeepsAnHttp10ConnectionOnlyWhenAsked) {
  TestServer server;
  RawClient client(server.port());
  client.send("GET /bytes?1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.read_answer().header("Connection"), "keep-alive");
  client.send("GET /bytes?1 HTTP/1.0\r\nHost: a\r\n\r\n");
  EXPECT_NE(client.read_to_end().find("Connection: close"), std::string::npos);
}

TEST(Http, AnswersAClientThatClosedItsEnd) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/hold", "one") + post("/hold", "two"));
  client.finish_sending();
  server.handler().wait_held(2);
  server.handler().release({1, 0});
  const std::string all = client.read_to_end();
  EXPECT_LT(all.find("one"), all.find("two"));
  EXPECT_NE(all.find("two"), std::string::npos);
}

TEST(Http, DropsTheAnswerOfAClientThatLeft) {
  TestServer server;
  {
    RawClient client(server.port());
    client.send(post("/hold", "x"));
    server.handler().wait_held(1);
  }
  server.handler().release({0});
  RawClient next(server.port());
  next.send(get("/bytes?1"));
  EXPECT_EQ(next.read_answer().status, 200u);
}

TEST(Http, Answers500ForAHandlerThatForgets) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/drop", ""));
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 500u);
  EXPECT_NE(answer.body.find(R"("code":"internal")"), std::string::npos);
}

TEST(Http, InvitesTheBodyOnlyWhereItWillBeTaken) {
  TestServer server;
  RawClient client(server.port());
  const std::string request = post("/echo", "four", "Expect: 100-continue\r\n");
  const std::size_t head = request.size() - 4;
  client.send(request.substr(0, head));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(request.substr(head));
  EXPECT_EQ(client.read_answer().body, "four");
  // A body that comes along uninvited needs no invitation.
  client.send(request);
  EXPECT_EQ(client.read_answer().status, 200u);
}

TEST(Http, KeepsTheInvitationBehindEarlierAnswers) {
  TestServer server;
  RawClient client(server.port());
  const std::string request = post("/echo", "four", "Expect: 100-continue\r\n");
  client.send(post("/hold", "first") + request.substr(0, request.size() - 4));
  server.handler().wait_held(1);
  server.handler().release({0});
  EXPECT_EQ(client.read_answer().body, "first");
  EXPECT_EQ(client.read_answer().status, 100u);
  client.send("four");
  EXPECT_EQ(client.read_answer().body, "four");
}

TEST(Http, TakesALargeBodyInManyPieces) {
  TestServer server;
  RawClient client(server.port());
  const std::string body(4u << 20, 'x');
  client.send(post("/large", body) + post("/echo", "next"));
  EXPECT_EQ(client.read_answer().body, body);
  EXPECT_EQ(client.read_answer().body, "next");
}

TEST(Http, HoldsBackAClientThatNeverReads) {
  TestServer server([](ServerOptions& options) { options.output_buffer_max = 64 * 1024; });
  RawClient client(server.port(), 4096);
  const std::string request = get("/bytes?20000");
  std::string all;
  while (all.size() < 64 * 1024) all += request;
  std::size_t sent = 0;
  // The server stops reading long before all of this; then the kernel's buffers fill and sending
  // stops.
  for (int i = 0; i < 2000; ++i) {
    const std::size_t count = client.send_what_fits(all);
    sent += count;
    if (count < all.size()) server.run_there([] {});
  }
  const Stats stats = server.stats();
  EXPECT_LT(stats.requests, sent / request.size()) << "everything was read";
  // In memory is what was answered less what the kernel took.
  EXPECT_LT(stats.requests * 20'000, stats.bytes_sent + 64 * 1024 + 2 * 20'200);
}

TEST(Http, RefusesWithWhatTheHandlerSays) {
  TestServer server;
  RawClient client(server.port());
  client.send(get("/a%2fb"));
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.body, problem_json(Door::bad_path));
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_EQ(server.refusals(Door::bad_path), 1u);
}

TEST(Http, LetsARefusalArriveWhileTheBodyIsStillBeingSent) {
  TestServer server;
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 104857600\r\n\r\n" +
              std::string(500'000, 'x'));
  EXPECT_EQ(client.read_answer().status, 413u);
}

TEST(Http, CutsASlowHead) {
  TestServer server([](ServerOptions& options) { options.timeouts.request_ms = 30; });
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost:");
  EXPECT_EQ(statuses(client.read_to_end()), std::vector<unsigned>{408});
  EXPECT_EQ(server.refusals(Door::timeout), 1u);
}

TEST(Http, CutsASlowBodyBehindAnUnansweredRequest) {
  TestServer server([](ServerOptions& options) { options.timeouts.request_ms = 30; });
  RawClient client(server.port());
  client.send(post("/hold", "x") + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  server.handler().wait_held(1);
  while (server.refusals(Door::timeout) == 0) server.run_there([] {});
  server.handler().release({0});
  EXPECT_EQ(statuses(client.read_to_end()), (std::vector<unsigned>{200, 408}));
}

TEST(Http, ClosesIdleConnections) {
  TestServer server([](ServerOptions& options) { options.timeouts.idle_ms = 30; });
  RawClient silent(server.port());
  EXPECT_EQ(silent.read_to_end(), "");
  // On a slow machine a connection is idle for too long before its request has arrived: then again.
  std::uint64_t closed = 1;
  std::optional<RawClient> after_one;
  do {
    after_one.emplace(server.port());
    after_one->send(get("/bytes?1"));
    ++closed;
  } while (after_one->read_answer().status != 200u);
  EXPECT_EQ(after_one->read_to_end(), "");
  EXPECT_EQ(server.stats().idle_closed, closed);
}

TEST(Http, DoesNotCallAWaitingRequestIdle) {
  TestServer server([](ServerOptions& options) {
    options.timeouts.idle_ms = 1;
    options.timeouts.request_ms = 1;
  });
  std::optional<RawClient> client;
  // A connection may be given up before its request has arrived: then again.
  for (std::uint64_t tried = 1; server.stats().requests == 0; ++tried) {
    client.emplace(server.port());
    client->send(post("/hold", "x"));
    while (server.stats().requests == 0 &&
           server.stats().idle_closed + server.refusals(Door::timeout) < tried) {
      server.run_there([] {});
    }
  }
  server.handler().wait_held(1);
  for (int i = 0; i < 20; ++i) server.run_there([&] { server.server().thread(0).refresh_now(); });
  server.handler().release({0});
  EXPECT_EQ(client->read_answer().status, 200u);
}

TEST(Http, CutsAReaderThatStalls) {
  TestServer server([](ServerOptions& options) { options.timeouts.write_stall_ms = 30; });
  RawClient client(server.port(), 4096);
  client.send(get("/bytes?30000000"));
  while (server.stats().write_stalls == 0) server.run_there([] {});
  EXPECT_LT(client.read_to_end().size(), 30'000'000u);
}

TEST(Http, RefusesConnectionsOverTheCaps) {
  TestServer server([](ServerOptions& options) { options.connections_per_address_max = 2; });
  RawClient one(server.port());
  RawClient two(server.port());
  for (RawClient* client : {&one, &two}) {
    client->send(get("/bytes?1"));
    EXPECT_EQ(client->read_answer().status, 200u);
  }
  RawClient three(server.port());
  EXPECT_EQ(three.read_to_end(), "");
  EXPECT_EQ(server.stats().connections_refused, 1u);
  one.close();
  while (server.stats().connections_open > 1) server.run_there([] {});
  RawClient four(server.port());
  four.send(get("/bytes?1"));
  EXPECT_EQ(four.read_answer().status, 200u);
}

TEST(Http, ATrustedProxyHasNoCapOfItsOwn) {
  TestServer server([](ServerOptions& options) {
    options.connections_per_address_max = 2;
    options.connections_max = 4;
    EXPECT_EQ(options.trusted_proxies.add("127.0.0.0/8"), std::nullopt);
  });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.port()));
    clients.back()->send(get("/bytes?1"));
    EXPECT_EQ(clients.back()->read_answer().status, 200u);
  }
  RawClient over(server.port());
  EXPECT_EQ(over.read_to_end(), "") << "the cap in total holds for all";
}

TEST(Http, SpreadsConnectionsOverItsThreads) {
  TestServer server([](ServerOptions& options) { options.io_threads = 3; });
  for (int i = 0; i < 9; ++i) {
    RawClient client(server.port());
    client.send(post("/echo", std::to_string(i)));
    EXPECT_EQ(client.read_answer().body, std::to_string(i));
  }
  EXPECT_EQ(server.stats().requests, 9u);
  EXPECT_EQ(server.server().threads(), 3u);
}

TEST(Http, AnswersWhatIsInFlightBeforeItStops) {
  TestServer server;
  RawClient idle(server.port());
  idle.send(get("/bytes?1"));
  EXPECT_EQ(idle.read_answer().status, 200u);
  RawClient busy(server.port());
  busy.send(post("/hold", "late"));
  server.handler().wait_held(1);

  bool drained = false;
  std::thread stopper([&] { drained = server.server().stop(std::chrono::seconds(30)); });
  EXPECT_EQ(idle.read_to_end(), "");
  server.handler().release({0});
  const Answer answer = busy.read_answer();
  EXPECT_EQ(answer.body, "late");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_EQ(busy.read_to_end(), "");
  busy.close();
  stopper.join();
  EXPECT_TRUE(drained);
}

TEST(Http, StopsAtTheDeadlineWhateverIsOpen) {
  TestServer server;
  RawClient client(server.port());
  client.send(post("/hold", "never"));
  server.handler().wait_held(1);
  EXPECT_FALSE(server.server().stop(std::chrono::milliseconds(1)));
  EXPECT_EQ(client.read_to_end(), "");
  server.handler().release({0});
}

TEST(Http, SaysWhyItCannotListen) {
  TestServer server;
  TestHandler handler;
  ManualClock clock{Instant{0}};
  ServerOptions options;
  options.clock = &clock;
  options.port = server.port();
  options.address = "localhost";
  EXPECT_NE(Server(options, handler).start().value_or("").find("numeric"), std::string::npos);
  options.address = "203.0.113.1";
  EXPECT_NE(Server(options, handler).start().value_or("").find("203.0.113.1"), std::string::npos);
}

}  // namespace
}  // namespace stardrop::api::http::test
