// Reads the fields of a request through Beast's basic_parser, without copying.
#include "api/http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "api/http/request_target.h"

namespace stardrop::api::http {
namespace {

namespace beast = boost::beast;
using beast::error_code;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// Receives what Beast finds and keeps views of it.
class RequestSink final : public beast::http::basic_parser<true> {
 public:
  explicit RequestSink(Request& request) : request_(request) {}

 private:
  void on_request_impl(beast::http::verb,
                       beast::string_view method,
                       beast::string_view target,
                       int version,
                       error_code& error) override {
    error = {};
    request_.method_text = view(method);
    request_.target = view(target);
    request_.minor_version = version - 10;
  }
  void on_response_impl(int, beast::string_view, int, error_code& error) override {
    error = beast::http::error::bad_version;
  }
  void on_field_impl(beast::http::field,
                     beast::string_view name,
                     beast::string_view value,
                     error_code& error) override {
    error = {};
    request_.fields.push_back({view(name), view(value)});
  }
  void on_header_impl(error_code& error) override { error = {}; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code& error) override {
    error = {};
  }
  std::size_t on_body_impl(beast::string_view body, error_code& error) override {
    error = {};
    // The message is one contiguous run, so its body comes in one piece.
    request_.body = view(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code& error) override {
    error = beast::http::error::bad_transfer_encoding;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view, error_code& error) override {
    error = beast::http::error::bad_transfer_encoding;
    return 0;
  }
  void on_finish_impl(error_code& error) override { error = {}; }

  Request& request_;
};

}  // namespace

bool parse_request(std::string_view message, const RequestHead& head, Request& request) {
  request.fields.clear();
  request.body = {};

  RequestSink sink(request);
  sink.eager(true);
  sink.header_limit(static_cast<std::uint32_t>(head.head_bytes));
  sink.body_limit(boost::none);
  error_code error;
  const std::size_t used =
      sink.put(boost::asio::const_buffer(message.data(), message.size()), error);
  if (error || !sink.is_done() || used != message.size()) return false;
  if (request.body.size() != head.content_length) return false;
  if (request.minor_version != head.minor_version) return false;

  request.method = head.method;
  request.keep_alive = head.keep_alive;
  request.path = path_of(request.target);
  request.query = query_of(request.target);
  return true;
}

}  // namespace stardrop::api::http
