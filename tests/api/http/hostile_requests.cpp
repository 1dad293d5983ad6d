// Raw requests that the door must refuse.
#include "tests/api/http/hostile_requests.h"

#include <string_view>

namespace stardrop::api::http::test {
namespace {

using namespace std::string_view_literals;
using Cases = std::vector<HostileRequest>;

const std::string kGood = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok";
// Behind a framing fault: must never be read as a request.
const std::string kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

std::string line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: a\r\n\r\n";
}

std::string target(std::string_view text) { return line("GET " + std::string(text) + " HTTP/1.1"); }

std::string get(std::string_view header_lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(header_lines) + "\r\n";
}

std::string post(std::string_view header_lines, std::string_view body = "") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(header_lines) + "\r\n" + std::string(body);
}

void add_request_lines(Cases& cases) {
  const auto bad = [&](std::string_view name, std::string bytes, unsigned status) {
    cases.push_back({"line: " + std::string(name), std::move(bytes), {status}});
  };
  bad("empty line first", "\r\n" + line("GET / HTTP/1.1"), 400);
  bad("bare line feed first", "\n" + line("GET / HTTP/1.1"), 400);
  bad("blank first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  bad("NUL first", std::string("\0GET / HTTP/1.1\r\nHost: a\r\n\r\n"sv), 400);
  bad("TLS greeting", "\x16\x03\x01\x02", 400);
  bad("SSH greeting", "SSH-2.0-x\r\n\r\n", 400);
  bad("only blanks", "GET  \r\nHost: a\r\n\r\n", 400);
  bad("no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  bad("HTTP/0.9", "GET /\r\n\r\n", 400);
  bad("two blanks after method", line("GET  / HTTP/1.1"), 400);
  bad("two blanks before version", line("GET /  HTTP/1.1"), 400);
  bad("blank after version", line("GET / HTTP/1.1 "), 400);
  bad("tab instead of blank", line("GET\t/\tHTTP/1.1"), 400);
  bad("fourth word", line("GET / HTTP/1.1 x"), 400);
  bad("blank in target", line("GET /a b HTTP/1.1"), 400);
  bad("lower-case protocol", line("GET / http/1.1"), 400);
  bad("other protocol", line("GET / ICY/1.1"), 400);
  bad("version without minor", line("GET / HTTP/1"), 400);
  bad("version with two digits", line("GET / HTTP/1.10"), 400);
  bad("version with comma", line("GET / HTTP/1,1"), 400);
  bad("version with sign", line("GET / HTTP/+1.1"), 400);
  bad("version with NUL", std::string("GET / HTTP/1.1\0\r\nHost: a\r\n\r\n"sv), 400);
  bad("version 0.9", line("GET / HTTP/0.9"), 505);
  bad("version 1.2", line("GET / HTTP/1.2"), 505);
  bad("version 2.0", line("GET / HTTP/2.0"), 505);
  bad("version 9.9", line("GET / HTTP/9.9"), 505);
  bad("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  bad("method with colon", line("GE:T / HTTP/1.1"), 400);
  bad("method with parenthesis", line("G(T / HTTP/1.1"), 400);
  bad("method with control byte", line("G\x01T / HTTP/1.1"), 400);
  bad("method not ASCII", line("G\xc3\x89T / HTTP/1.1"), 400);
  bad("method too long", line(std::string(17, 'A') + " / HTTP/1.1"), 400);
  bad("method in lower case", line("get / HTTP/1.1"), 501);
  bad("unknown method", line("BREW / HTTP/1.1"), 501);
  bad("TRACE", line("TRACE / HTTP/1.1"), 405);
  bad("CONNECT", line("CONNECT a:443 HTTP/1.1"), 405);
  bad("bare LF after request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400);
  bad("bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400);
  bad("bare CR after request line", "GET / HTTP/1.1\rHost: a\r\n\r\n", 400);
  bad("CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400);
}

void add_targets(Cases& cases) {
  const auto bad = [&](std::string_view text, unsigned status = 400) {
    cases.push_back({"target: " + std::string(text.substr(0, 40)), target(text), {status}});
  };
  for (const std::string_view text : {"http://a/"sv,
                                      "https://other.example/x"sv,
                                      "//a/b"sv,
                                      "*"sv,
                                      "a"sv,
                                      "a:80"sv,
                                      "?x=1"sv,
                                      ""sv,
                                      "/a#b"sv,
                                      "/#"sv,
                                      "/a?b#c"sv,
                                      "/../etc/passwd"sv,
                                      "/a/../b"sv,
                                      "/a/.."sv,
                                      "/.."sv,
                                      "/."sv,
                                      "/./a"sv,
                                      "/a/./b"sv,
                                      "/a/."sv,
                                      "//"sv,
                                      "/a//b"sv,
                                      "/a//"sv,
                                      "/a\\b"sv,
                                      "/..\\x"sv,
                                      "/%5c"sv,
                                      "/a%5Cb"sv,
                                      "/%2e%2e/x"sv,
                                      "/%2E%2E"sv,
                                      "/.%2e/x"sv,
                                      "/%2e./x"sv,
                                      "/%2e"sv,
                                      "/a/%2e/b"sv,
                                      "/%2f"sv,
                                      "/a%2Fb"sv,
                                      "/%00"sv,
                                      "/a%00.html"sv,
                                      "/?q=%00"sv,
                                      "/%0d%0aSet-Cookie:x"sv,
                                      "/%0a"sv,
                                      "/%1f"sv,
                                      "/%7f"sv,
                                      "/%"sv,
                                      "/%2"sv,
                                      "/%zz"sv,
                                      "/a%g0"sv,
                                      "/?a=%"sv,
                                      "/?a=%2"sv,
                                      "/?a=%qq"sv,
                                      "/%c0%af"sv,
                                      "/%c0%ae%c0%ae"sv,
                                      "/%e0%80%af"sv,
                                      "/%f0%80%80%af"sv,
                                      "/%ed%a0%80"sv,
                                      "/%f5%80%80%80"sv,
                                      "/%80"sv,
                                      "/%c3"sv,
                                      "/%c3/a"sv,
                                      "/\xc3\xa9"sv,
                                      "/?q=\xc3\xa9"sv,
                                      "/\x01"sv,
                                      "/\x7f"sv,
                                      "/\0x"sv,
                                      "/?q=\0"sv,
                                      "/<script>"sv,
                                      "/\""sv,
                                      "/^"sv,
                                      "/`"sv,
                                      "/{id}"sv,
                                      "/a|b"sv,
                                      "/?a[]=1"sv,
                                      "/?a=<b>"sv,
                                      "/?a=\"b\""sv,
                                      "/[x]"sv}) {
    bad(text);
  }
  bad("/" + std::string(9000, 'a'), 414);
  bad("/?" + std::string(9000, 'a'), 414);
  cases.push_back({"target: endless first line", "GET /" + std::string(9000, 'a'), {414}});
}

void add_headers(Cases& cases) {
  const auto bad = [&](std::string_view name, std::string bytes, unsigned status = 400) {
    cases.push_back({"header: " + std::string(name), std::move(bytes), {status}});
  };
  bad("no host", "GET / HTTP/1.1\r\n\r\n");
  bad("no host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n");
  bad("two hosts", get("Host: b\r\n"));
  bad("two equal hosts", get("Host: a\r\n"));
  bad("two hosts in other case", get("hOST: a\r\n"));
  for (const std::string_view host : {""sv,
                                      "a b"sv,
                                      "a,b"sv,
                                      "a/b"sv,
                                      "a@b"sv,
                                      "user:pw@a"sv,
                                      "a:"sv,
                                      "a:x"sv,
                                      "a:99999"sv,
                                      "a:123456"sv,
                                      "a:80:80"sv,
                                      ":80"sv,
                                      "[::1"sv,
                                      "[]"sv,
                                      "[x]"sv,
                                      "[::1]x"sv,
                                      "[::1]:x"sv,
                                      "a\\b"sv,
                                      "a?b"sv,
                                      "a#b"sv,
                                      "a%41"sv,
                                      "<a>"sv,
                                      "\xc3\xa9.example"sv}) {
    bad("host " + std::string(host), "GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
  }
  bad("host too long", "GET / HTTP/1.1\r\nHost: " + std::string(256, 'a') + "\r\n\r\n");
  bad("folded line with blank", get("X-A: b\r\n c\r\n"));
  bad("folded line with tab", get("X-A: b\r\n\tc\r\n"));
  bad("folded Host", "GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n");
  bad("folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n");
  bad("blank before colon", get("X-A : b\r\n"));
  bad("tab before colon", get("X-A\t: b\r\n"));
  bad("blank before Content-Length colon", post("Content-Length : 2\r\n", "ok"));
  bad("no colon", get("X-A\r\n"));
  bad("no name", get(": b\r\n"));
  bad("name with blank", get("X A: b\r\n"));
  bad("name with NUL", get("X\0A: b\r\n"sv));
  bad("name with slash", get("X/A: b\r\n"));
  bad("name with bracket", get("X[A]: b\r\n"));
  bad("name not ASCII", get("X-\xc3\xa9: b\r\n"));
  bad("value with NUL", get("X-A: b\0c\r\n"sv));
  bad("value with bell", get("X-A: b\x07\r\n"));
  bad("value with escape", get("X-A: \x1b[31m\r\n"));
  bad("value with DEL", get("X-A: b\x7f\r\n"));
  bad("value with bare CR", get("X-A: b\rc\r\n"));
  bad("value with CR at the end", get("X-A: b\r\r\n"));
  bad("bare LF after value", get("X-A: b\nX-B: c\r\n"));
  bad("bare LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\n");
  bad("two Authorization", get("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"));
  bad("two equal Authorization", get("Authorization: Bearer a\r\nauthorization: Bearer a\r\n"));
  bad("two Idempotency-Key",
      post("Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n"));
  bad("two Content-Type", post("Content-Type: a/b\r\nContent-Type: a/b\r\nContent-Length: 0\r\n"));
  bad("two Origin", get("Origin: http://a\r\nOrigin: http://b\r\n"));
  bad("two Last-Event-ID", get("Last-Event-ID: 1\r\nLast-Event-ID: 2\r\n"));
  bad("two X-Request-Id", get("X-Request-Id: 1\r\nX-Request-Id: 2\r\n"));
  bad("two Expect", get("Expect: 100-continue\r\nExpect: 100-continue\r\n"));
  bad("two Sec-WebSocket-Key", get("Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: b\r\n"));
  bad("two Sec-WebSocket-Version",
      get("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n"));
  bad("other expectation", get("Expect: tea\r\n"), 417);
  bad("gzip body", post("Content-Encoding: gzip\r\nContent-Length: 2\r\n", "ok"), 415);
  bad("br body", post("Content-Encoding: br\r\nContent-Length: 2\r\n", "ok"), 415);
  bad("two encodings", post("Content-Encoding: identity, gzip\r\nContent-Length: 2\r\n", "ok"),
      415);
  bad("one long line", get("X-A: " + std::string(17000, 'a') + "\r\n"), 431);
  bad("one endless line", "GET / HTTP/1.1\r\nHost: a\r\nX-A: " + std::string(17000, 'a'), 431);
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X-A: b\r\n";
  bad("101 lines", get(many), 431);
  std::string large;
  for (int i = 0; i < 20; ++i) large += "X-A: " + std::string(1000, 'b') + "\r\n";
  bad("20 kB in lines", get(large), 431);
}

void add_framing(Cases& cases) {
  const auto bad = [&](std::string_view name, std::string bytes, unsigned status = 400) {
    cases.push_back({"framing: " + std::string(name), std::move(bytes), {status}});
  };
  const std::string chunked = "5\r\nhello\r\n0\r\n\r\n";
  bad("chunked", post("Transfer-Encoding: chunked\r\n", chunked));
  bad("CL.TE",
      post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + kSmuggled));
  bad("TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunked + kSmuggled));
  bad("TE.TE",
      post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked + kSmuggled));
  for (const std::string_view value :
       {"identity"sv, ""sv, "gzip, chunked"sv, "chunked, identity"sv, "xchunked"sv, "\"chunked\""sv,
        "chunked;x=1"sv, "CHUNKED"sv, " \t chunked"sv}) {
    bad("Transfer-Encoding " + std::string(value),
        post("Transfer-Encoding: " + std::string(value) + "\r\nContent-Length: 2\r\n",
             "ok" + kSmuggled));
  }
  bad("Transfer-Encoding on GET", get("Transfer-Encoding: chunked\r\n") + chunked);
  bad("Transfer-Encoding with underscore",
      post("Transfer_Encoding: chunked\r\nContent-Length: 2\r\n", "ok"));
  bad("Transfer-Encoding with vertical tab", post("Transfer-Encoding:\x0b"
                                                  "chunked\r\nContent-Length: 2\r\n",
                                                  "ok"));
  bad("Transfer-Encoding in HTTP/1.0",
      "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked);
  bad("blank before Transfer-Encoding colon",
      post("Transfer-Encoding : chunked\r\nContent-Length: 2\r\n", "ok"));
  bad("folded Transfer-Encoding",
      post("Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n", "ok"));
  bad("hidden behind bare CR",
      post("X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 2\r\n", "ok"));
  bad("hidden behind bare LF",
      post("X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n", "ok"));
  bad("chunk extension with LF",
      post("Transfer-Encoding: chunked\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n" + kSmuggled));
  bad("chunk size too large", post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"));
  bad("chunked trailer", post("Transfer-Encoding: chunked\r\n", "0\r\nX: y\r\n\r\n" + kSmuggled));
  bad("two equal lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "ok" + kSmuggled));
  bad("two lengths", post("Content-Length: 2\r\nContent-Length: 40\r\n", "ok" + kSmuggled));
  bad("length list", post("Content-Length: 2, 2\r\n", "ok" + kSmuggled));
  for (const std::string_view value :
       {""sv, "+2"sv, "-1"sv, "-0"sv, "0x2"sv, "2.0"sv, "2e0"sv, "2 0"sv, "02"sv, "00"sv, "2,"sv,
        "\"2\""sv, "two"sv, "2;"sv, "\xd9\xa2"sv, "18446744073709551616"sv,
        "18446744073709551618"sv, "99999999999999999999999"sv}) {
    bad("length " + std::string(value),
        post("Content-Length: " + std::string(value) + "\r\n", "ok" + kSmuggled));
  }
  bad("length with underscore", post("Content_Length: 2\r\nContent-Length: 2\r\n", "ok"));
  bad("no length on POST", post(""), 411);
  bad("no length on PUT", line("PUT / HTTP/1.1"), 411);
  bad("no length on PATCH", line("PATCH / HTTP/1.1"), 411);
  bad("no length on HTTP/1.0 POST", line("POST / HTTP/1.0"), 411);
  bad("body on GET (CL.0)", get("Content-Length: 36\r\n") + kSmuggled);
  bad("body on HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
  bad("body on OPTIONS", "OPTIONS / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
  bad("100 MB declared", post("Content-Length: 104857600\r\n"), 413);
  bad("limit and one byte", post("Content-Length: 1048577\r\n"), 413);
  bad("2^63-1 declared", post("Content-Length: 9223372036854775807\r\n"), 413);
  bad("too large with 100-continue", post("Content-Length: 1048577\r\nExpect: 100-continue\r\n"),
      413);
  bad("large route and one byte",
      "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 4194305\r\n\r\n", 413);
}

void add_pipelines(Cases& cases) {
  const auto bad = [&](std::string_view name, std::string bytes, std::vector<unsigned> statuses) {
    cases.push_back({"pipeline: " + std::string(name), std::move(bytes), std::move(statuses)});
  };
  bad("garbage after a request", kGood + "garbage\r\n\r\n" + kSmuggled, {200, 400});
  bad("blank line after a request", kGood + "\r\n" + kSmuggled, {200, 400});
  bad("more body than declared", kGood + "ok" + kSmuggled, {200, 501});
  bad("NUL after a request", kGood + std::string(1, '\0') + kSmuggled, {200, 400});
  bad("chunked after two requests",
      kGood + kGood + post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), {200, 200, 400});
  bad("too large after a request", kGood + post("Content-Length: 104857600\r\n"), {200, 413});
  bad("HTTP/2 preface after a request", kGood + "PRI * HTTP/2.0\r\n\r\n", {200, 505});
  bad("requests behind Connection: close",
      "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok" +
          kSmuggled,
      {200});
  bad("requests behind an HTTP/1.0 request",
      "POST /echo HTTP/1.0\r\nHost: a\r\nContent-Length: 2\r\n\r\nok" + kSmuggled, {200});
}

}  // namespace

std::vector<HostileRequest> hostile_requests() {
  Cases cases;
  add_request_lines(cases);
  add_targets(cases);
  add_headers(cases);
  add_framing(cases);
  add_pipelines(cases);
  return cases;
}

}  // namespace stardrop::api::http::test
