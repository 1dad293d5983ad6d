// The strict check of a request's head, before any parser sees it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "api/http/door.h"
#include "api/http/request.h"

namespace stardrop::api::http {

/// What a head and the body it announces may measure.
struct RequestLimits {
  std::size_t header_bytes_max = 16 * 1024;      ///< request line, fields and the blank line
  std::size_t header_fields_max = 100;           ///< number of field lines
  std::size_t target_bytes_max = 8 * 1024;       ///< path and query
  std::uint64_t body_bytes_max = 1024 * 1024;    ///< Content-Length of most routes
  std::uint64_t large_body_bytes_max = 4 << 20;  ///< Content-Length where `takes_large_body` holds
  std::function<bool(std::string_view path)> takes_large_body;  ///< may be empty: nowhere
};

/// What the head says about the message it begins.
struct RequestHead {
  Method method = Method::get;
  int minor_version = 1;
  bool keep_alive = true;
  bool expects_continue = false;
  bool wants_websocket = false;
  std::size_t head_bytes = 0;        ///< up to and including the blank line
  std::uint64_t content_length = 0;  ///< 0 if none was sent
};

/// Checks a complete head (it ends in the blank line) in a single pass; fills `head` if it is fine.
///
/// Stricter than RFC 9112 wherever two readers could disagree about where a message ends: no
/// Transfer-Encoding at all, one plain Content-Length, CR LF only, no folded lines, exactly one
/// well-formed Host (for HTTP/1.0 too), known methods, origin-form targets.
Door check_head(std::string_view bytes, const RequestLimits& limits, RequestHead& head);

}  // namespace stardrop::api::http
