// The door without a socket: cutting, checking and parsing requests from bytes.
#include "api/http/request_framer.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "api/http/request_parser.h"
#include "tests/api/http/hostile_requests.h"

namespace stardrop::api::http::test {
namespace {

using Step = RequestFramer::Step;

RequestLimits limits() {
  RequestLimits limits;
  limits.takes_large_body = [](std::string_view path) { return path == "/large"; };
  return limits;
}

/// What becomes of a byte stream: the sizes of its requests and the refusal that ended it.
struct Cut {
  std::vector<std::size_t> requests;
  Door refusal = Door::none;
  friend bool operator==(const Cut&, const Cut&) = default;
};

/// Cuts `bytes` that arrive `step` at a time.
Cut cut(const std::string& bytes, std::size_t step) {
  const RequestLimits set = limits();
  RequestFramer framer(set);
  Cut result;
  std::size_t start = 0;
  for (std::size_t arrived = 0; arrived < bytes.size();) {
    arrived = std::min(bytes.size(), arrived + step);
    while (start < arrived) {
      const Step outcome = framer.look(std::string_view(bytes).substr(start, arrived - start));
      if (outcome == Step::need_more) break;
      if (outcome == Step::refused) {
        result.refusal = framer.refusal();
        return result;
      }
      result.requests.push_back(framer.message_bytes());
      start += framer.message_bytes();
      framer.next_request();
    }
  }
  return result;
}

TEST(RequestFramer, RefusesEveryHostileRequestWholeAndByteByByte) {
  const auto cases = hostile_requests();
  ASSERT_GE(cases.size(), 190u);
  std::set<std::string> names;
  for (const HostileRequest& hostile : cases) {
    SCOPED_TRACE(hostile.name);
    EXPECT_TRUE(names.insert(hostile.name).second) << "two cases of one name";
    const Cut whole = cut(hostile.bytes, hostile.bytes.size());
    EXPECT_EQ(cut(hostile.bytes, 1), whole);
    if (hostile.statuses.back() == 200)
      continue;  // ends by Connection: close, which is the session's part
    EXPECT_EQ(info(whole.refusal).status, hostile.statuses.back());
    EXPECT_EQ(whole.requests.size() + 1, hostile.statuses.size());
  }
}

Door check(const std::string& head) {
  RequestHead parsed;
  return check_head(head, limits(), parsed);
}

TEST(RequestHead, AcceptsWhatRealClientsSend) {
  for (const std::string head : {
           "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET / HTTP/1.1\r\nHost:a\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: \t a:8080 \t\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
           "GET /v1/editions/edn_1?limit=10&cursor=a%2Fb%0a HTTP/1.1\r\nHost: shop.example\r\n\r\n",
           "GET /bot123:ABC-d_e/getMe HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /a/ HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /.well-known/x HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /... HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /%F0%9F%8E%81 HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET /%252e HTTP/1.1\r\nHost: a\r\n\r\n",
           "DELETE /v1/keys/1 HTTP/1.1\r\nHost: a\r\n\r\n",
           "OPTIONS /v1/gifts HTTP/1.1\r\nHost: a\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\n",
           "POST /large?x HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\n\r\n",
           "POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nX-Name: caf\xc3\xa9\r\nAccept: a\r\nAccept: b\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nX-Empty:\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n",
       }) {
    EXPECT_EQ(check(head), Door::none) << head << info(check(head)).name;
  }
}

TEST(RequestHead, FollowsTheKeepAliveRules) {
  const auto keeps = [](const std::string& version, const std::string& connection) {
    RequestHead head;
    const std::string bytes = "GET / HTTP/" + version + "\r\nHost: a\r\n" + connection + "\r\n";
    EXPECT_EQ(check_head(bytes, limits(), head), Door::none);
    return head.keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_TRUE(keeps("1.1", "Connection: keep-alive\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: x, CLOSE\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  EXPECT_TRUE(keeps("1.1", "Connection: closed\r\n"));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST(RequestHead, NoticesWhatTheClientExpects) {
  RequestHead head;
  const std::string fields = "Host: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n";
  EXPECT_EQ(check_head("POST / HTTP/1.1\r\n" + fields, limits(), head), Door::none);
  EXPECT_TRUE(head.expects_continue);
  EXPECT_EQ(check_head("POST / HTTP/1.0\r\n" + fields, limits(), head), Door::none);
  EXPECT_FALSE(head.expects_continue);
}

TEST(RequestHead, HoldsTheLimitsToTheByte) {
  RequestLimits small;
  RequestHead head;
  const std::string exact = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  small.header_bytes_max = exact.size();
  EXPECT_EQ(check_head(exact, small, head), Door::none);
  small.header_bytes_max = exact.size() - 1;
  EXPECT_EQ(check_head(exact, small, head), Door::header_too_large);
  small = RequestLimits{};
  small.target_bytes_max = 4;
  EXPECT_EQ(check_head("GET /abc HTTP/1.1\r\nHost: a\r\n\r\n", small, head), Door::none);
  EXPECT_EQ(check_head("GET /abcd HTTP/1.1\r\nHost: a\r\n\r\n", small, head), Door::uri_too_long);
}

TEST(RequestParser, GivesViewsOfEveryPart) {
  const std::string bytes =
      "PATCH /v1/x?a=1 HTTP/1.1\r\nHost: h:1\r\nAuthorization:  Bearer k \r\nX-a: 1\r\nx-A: 2\r\n"
      "Content-Length: 4\r\n\r\nbody";
  const RequestLimits set = limits();
  RequestFramer framer(set);
  ASSERT_EQ(framer.look(bytes), Step::complete);
  Request request;
  ASSERT_TRUE(parse_request(bytes, framer.head(), request));
  EXPECT_EQ(request.method, Method::patch);
  EXPECT_EQ(request.method_text, "PATCH");
  EXPECT_EQ(request.target, "/v1/x?a=1");
  EXPECT_EQ(request.path, "/v1/x");
  EXPECT_EQ(request.query, "a=1");
  EXPECT_EQ(request.body, "body");
  EXPECT_EQ(request.authorization(), "Bearer k");
  EXPECT_EQ(request.host(), "h:1");
  EXPECT_EQ(request.header("x-a"), "1");
  EXPECT_EQ(request.fields.size(), 5u);
  EXPECT_FALSE(request.has_header("origin"));
  EXPECT_EQ(request.body.data(), bytes.data() + bytes.size() - 4) << "a view, not a copy";
}

TEST(RequestParser, RefusesWhereTheTwoReadersDiffer) {
  const std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
  const RequestLimits set = limits();
  RequestFramer framer(set);
  ASSERT_EQ(framer.look(bytes), Step::complete);
  Request request;
  RequestHead other = framer.head();
  other.content_length = 3;
  EXPECT_FALSE(parse_request(bytes, other, request));
  other = framer.head();
  other.minor_version = 0;
  EXPECT_FALSE(parse_request(bytes, other, request));
  EXPECT_FALSE(parse_request(bytes + "x", framer.head(), request));
  EXPECT_FALSE(parse_request(bytes.substr(0, bytes.size() - 1), framer.head(), request));
}

}  // namespace
}  // namespace stardrop::api::http::test
