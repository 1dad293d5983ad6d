// A small HTTP client for commands that talk to a running server: one request at a time.
#include "app/remote/http_client.h"

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

namespace stardrop::app {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint64_t kBodyMax = std::uint64_t{1} << 30U;
/// A stream says something at least this often: the server sends a comment every 20 seconds.
constexpr std::chrono::seconds kSilenceMax{60};

/// Runs one step of a conversation to its end.
class Steps {
 public:
  explicit Steps(asio::io_context& context) : context_(context) {}
  auto handler() {
    return [this](const beast::error_code& error, auto&&...) { error_ = error; };
  }
  bool run() {
    error_ = asio::error::would_block;
    context_.restart();
    context_.run();
    return !error_;
  }
  std::string message() const { return error_.message(); }

 private:
  asio::io_context& context_;
  beast::error_code error_;
};

http::request<http::string_body> beast_request(const Url& url, const HttpRequest& request) {
  http::request<http::string_body> out;
  out.method_string(request.method);
  out.target(request.target);
  out.version(11);
  out.set(http::field::host, url.authority);
  out.set(http::field::user_agent, "stardrop");
  out.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) out.set(name, value);
  out.body() = request.body;
  if (!request.body.empty() || request.method != "GET") out.prepare_payload();
  return out;
}

using Take = std::function<bool(std::string_view)>;

/// Receives the rest of an answer piece by piece.
template <class Stream>
HttpAnswer receive_pieces(Stream& stream,
                          Steps& steps,
                          const Url& url,
                          beast::flat_buffer& buffer,
                          http::response_parser<http::string_body>& parser,
                          const Take& take) {
  parser.body_limit(boost::none);
  std::string& body = parser.get().body();
  for (;;) {
    if (!body.empty() && !take(body)) break;
    body.clear();
    if (parser.is_done()) break;
    beast::get_lowest_layer(stream).expires_after(kSilenceMax);
    http::async_read_some(stream, buffer, parser, steps.handler());
    if (!steps.run()) return {"lost " + url.authority + ": " + steps.message(), 0, {}};
  }
  return {{}, static_cast<int>(parser.get().result_int()), {}};
}

/// Sends and receives over a connected stream.
template <class Stream>
HttpAnswer exchange(Stream& stream,
                    Steps& steps,
                    const Url& url,
                    const HttpRequest& request,
                    const Take& take) {
  const auto wanted = beast_request(url, request);
  http::async_write(stream, wanted, steps.handler());
  if (!steps.run()) return {"can't send to " + url.authority + ": " + steps.message(), 0, {}};
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kBodyMax);
  const auto no_answer = [&] {
    return HttpAnswer{"no answer from " + url.authority + ": " + steps.message(), 0, {}};
  };
  http::async_read_header(stream, buffer, parser, steps.handler());
  if (!steps.run()) return no_answer();
  if (take && parser.get().result_int() < 300) {
    return receive_pieces(stream, steps, url, buffer, parser, take);
  }
  http::async_read(stream, buffer, parser, steps.handler());
  if (!steps.run()) return no_answer();
  return {{}, static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

HttpAnswer send(const Url& url,
                const HttpRequest& request,
                std::int64_t timeout_s,
                const Take& take) {
  asio::io_context context;
  Steps steps(context);
  asio::ip::tcp::resolver resolver(context);
  beast::error_code error;
  const auto found = resolver.resolve(url.host, url.port, error);
  if (error) return {"can't find " + url.host + ": " + error.message(), 0, {}};
  asio::ssl::context tls(asio::ssl::context::tls_client);
  beast::ssl_stream<beast::tcp_stream> stream(context, tls);
  beast::tcp_stream& plain = beast::get_lowest_layer(stream);
  plain.expires_after(std::chrono::seconds(timeout_s));
  plain.async_connect(found, steps.handler());
  if (!steps.run()) return {"can't reach " + url.authority + ": " + steps.message(), 0, {}};
  if (!url.tls) return exchange(plain, steps, url, request, take);
  tls.set_default_verify_paths(error);
  beast::ssl_stream<beast::tcp_stream> secured(std::move(plain), tls);
  secured.set_verify_mode(asio::ssl::verify_peer, error);
  secured.set_verify_callback(asio::ssl::host_name_verification(url.host), error);
  // The macro for it casts the C way.
  SSL_ctrl(secured.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(url.host.c_str()));
  secured.async_handshake(asio::ssl::stream_base::client, steps.handler());
  if (!steps.run())
    return {"no safe connection to " + url.authority + ": " + steps.message(), 0, {}};
  return exchange(secured, steps, url, request, take);
}

}  // namespace

std::optional<Url> parse_url(std::string_view text) {
  Url out;
  if (text.starts_with("https://")) {
    out.tls = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty() || text.find_first_of("/?#@ \t\r\n") != std::string_view::npos)
    return std::nullopt;
  out.authority = text;
  out.port = out.tls ? "443" : "80";
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && text.find(']', colon) == std::string_view::npos) {
    out.port = text.substr(colon + 1);
    text = text.substr(0, colon);
    if (out.port.empty() || out.port.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
  }
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (text.empty()) return std::nullopt;
  out.host = text;
  return out;
}

HttpAnswer send_http(const Url& url, const HttpRequest& request, std::int64_t timeout_s) {
  return stream_http(url, request, timeout_s, {});
}

HttpAnswer stream_http(const Url& url,
                       const HttpRequest& request,
                       std::int64_t timeout_s,
                       const std::function<bool(std::string_view)>& take) {
  try {
    return send(url, request, timeout_s, take);
  } catch (const std::exception& error) {
    return {"can't reach " + url.authority + ": " + error.what(), 0, {}};
  }
}

}  // namespace stardrop::app
