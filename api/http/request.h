// A request as handlers see it: views into bytes that its exchange keeps.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "api/http/text.h"

namespace stardrop::api::http {

/// The methods that reach a handler.
enum class Method : std::uint8_t { get, head, post, put, patch, del, options };

/// One header line. The name keeps the case it was sent in.
struct HeaderField {
  std::string_view name;
  std::string_view value;
};

/// A whole request. All views stay valid as long as a handle to its Exchange is held.
struct Request {
  Method method = Method::get;
  int minor_version = 1;            ///< HTTP/1.`minor_version`: 0 or 1
  bool keep_alive = true;           ///< the client wants the connection kept
  bool tls = false;                 ///< arrived through our own TLS
  std::string_view method_text;     ///< as sent, "POST"
  std::string_view target;          ///< path and query as sent
  std::string_view path;            ///< still escaped; check_target() has passed
  std::string_view query;           ///< after `?`, still escaped
  std::string_view body;            ///< exactly Content-Length bytes
  std::string_view remote_address;  ///< of the peer, without port; never taken from a header
  std::vector<HeaderField> fields;  ///< in order of arrival

  /// The value of the first header named `lower_name` (lower case); empty if there is none.
  /// The headers that identify, frame or authorise cannot appear twice: the door saw to it.
  std::string_view header(std::string_view lower_name) const {
    for (const HeaderField& field : fields) {
      if (equals_lower(field.name, lower_name)) return field.value;
    }
    return {};
  }

  bool has_header(std::string_view lower_name) const {
    for (const HeaderField& field : fields) {
      if (equals_lower(field.name, lower_name)) return true;
    }
    return false;
  }

  std::string_view authorization() const { return header("authorization"); }
  std::string_view idempotency_key() const { return header("idempotency-key"); }
  std::string_view content_type() const { return header("content-type"); }
  std::string_view host() const { return header("host"); }
  std::string_view if_none_match() const { return header("if-none-match"); }
  std::string_view last_event_id() const { return header("last-event-id"); }
  std::string_view origin() const { return header("origin"); }
  std::string_view request_id() const { return header("x-request-id"); }
  std::string_view user_agent() const { return header("user-agent"); }

  /// Whether the client asks to switch to WebSocket (RFC 6455 4.1).
  bool wants_websocket() const {
    for (const HeaderField& field : fields) {
      if (equals_lower(field.name, "upgrade") && list_has(field.value, "websocket")) return true;
    }
    return false;
  }
};

}  // namespace stardrop::api::http
