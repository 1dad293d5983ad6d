// A small HTTP client for commands that talk to a running server: one request at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stardrop::app {

/// A parsed `http://` or `https://` address.
struct Url {
  bool tls = false;
  std::string host;
  std::string port;
  std::string authority;  ///< as the Host header has it
};

/// Reads `http[s]://HOST[:PORT][/]`. Nothing if malformed or with a path, a query or a password.
std::optional<Url> parse_url(std::string_view text);

/// A request.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// An answer, or why there is none.
struct HttpAnswer {
  std::string failure;  ///< empty: there is an answer
  int status = 0;
  std::string body;
};

/// Sends one request and gives the body of a success to `take` as it comes, until that returns
/// false or the answer ends. Fails when nothing comes for a minute. A refusal's body is in the
/// answer.
HttpAnswer stream_http(const Url& url,
                       const HttpRequest& request,
                       std::int64_t timeout_s,
                       const std::function<bool(std::string_view)>& take);

/// Sends one request over a connection of its own. Certificates are checked against the system's.
HttpAnswer send_http(const Url& url, const HttpRequest& request, std::int64_t timeout_s);

}  // namespace stardrop::app
