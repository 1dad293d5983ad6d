// What the load client understands of HTTP and JSON.
#include "app/drop_bench/wire.h"

#include <gtest/gtest.h>

namespace stardrop::app {
namespace {

TEST(Wire, FramesAnAnswerByItsLength) {
  const std::string bytes =
      "HTTP/1.1 201 Created\r\nDate: x\r\ncontent-LENGTH: 5\r\nIdempotency-Replayed: "
      "true\r\n\r\nhelloHTTP/1.1 2";
  Answer answer;
  ASSERT_EQ(frame_answer(bytes, answer), Framed::whole);
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_TRUE(answer.replayed);
  EXPECT_FALSE(answer.close);
  EXPECT_EQ(bytes.substr(answer.size), "HTTP/1.1 2");
}

TEST(Wire, WaitsForEveryByte) {
  const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
  Answer answer;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(frame_answer(std::string_view(bytes).substr(0, size), answer), Framed::incomplete)
        << size;
  }
  ASSERT_EQ(frame_answer(bytes, answer), Framed::whole);
  EXPECT_TRUE(answer.close);
}

TEST(Wire, RefusesWhatItCannotFrame) {
  Answer answer;
  EXPECT_EQ(frame_answer("SSH-2.0-x 123 y\r\n\r\n", answer), Framed::broken);
  EXPECT_EQ(frame_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", answer),
            Framed::broken);
  EXPECT_EQ(frame_answer("HTTP/1.1 200 OK\r\n\r\n", answer), Framed::broken);
  EXPECT_EQ(frame_answer("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", answer), Framed::broken);
}

TEST(Wire, FindsMembers) {
  const std::string json = R"({"x":"id","id" : "gft_1","serial":42,"n":null})";
  EXPECT_EQ(text_member(json, "id"), "gft_1");
  EXPECT_EQ(number_member(json, "serial"), 42);
  EXPECT_EQ(number_member(json, "n"), std::nullopt);
  EXPECT_EQ(text_member(json, "none"), "");
}

TEST(Wire, WalksABatch) {
  BatchAnswers answers(
      R"({"object":"list","data":[{"status":201,"replayed":false,"body":{"id":"a","t":"}],\"{"}}, {"status":409,"replayed":true,"body":{"code":"sold_out"}}]})");
  const auto first = answers.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->status, 201);
  EXPECT_FALSE(first->replayed);
  EXPECT_EQ(first->body, R"({"id":"a","t":"}],\"{"})");
  const auto second = answers.next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 409);
  EXPECT_TRUE(second->replayed);
  EXPECT_EQ(text_member(second->body, "code"), "sold_out");
  EXPECT_FALSE(answers.next());
  EXPECT_FALSE(BatchAnswers("{}").next());
}

TEST(Wire, ReadsEndpoints) {
  const auto endpoint = parse_endpoint("http://[::1]:8080/", "k");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->host, "::1");
  EXPECT_EQ(endpoint->port, 8080);
  EXPECT_EQ(endpoint->common, "Host: [::1]:8080\r\nAuthorization: Bearer k\r\n");
  for (const char* wrong : {"https://a", "http://", "http://a/b", "http://a:b", "http://u@a"})
    EXPECT_FALSE(parse_endpoint(wrong, "")) << wrong;
}

TEST(Wire, WritesARequest) {
  std::string out;
  append_post(out, *parse_endpoint("http://h", ""), "/v1/gifts", "k-1", "{}");
  EXPECT_EQ(out,
            "POST /v1/gifts HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k-1\r\nContent-Type: "
            "application/json\r\nContent-Length: 2\r\n\r\n{}");
}

}  // namespace
}  // namespace stardrop::app
