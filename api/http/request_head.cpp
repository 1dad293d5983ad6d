// The strict check of a request's head: one pass, line by line.
#include "api/http/request_head.h"

#include <limits>
#include <optional>
#include <utility>

#include "api/http/request_target.h"
#include "api/http/text.h"

namespace stardrop::api::http {
namespace {

constexpr std::size_t kMethodBytesMax = 16;
constexpr std::size_t kHostBytesMax = 255;

constexpr bool is_text_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

std::optional<Method> known_method(std::string_view text) {
  if (text == "GET") return Method::get;
  if (text == "POST") return Method::post;
  if (text == "HEAD") return Method::head;
  if (text == "PUT") return Method::put;
  if (text == "PATCH") return Method::patch;
  if (text == "DELETE") return Method::del;
  if (text == "OPTIONS") return Method::options;
  return std::nullopt;
}

bool needs_length(Method method) {
  return method == Method::post || method == Method::put || method == Method::patch;
}

bool takes_body(Method method) { return needs_length(method) || method == Method::del; }

/// Only plain digits, no sign, no leading zero, no overflow: a number that no two readers read
/// differently.
std::optional<std::uint64_t> plain_number(std::string_view text) {
  if (text.empty() || text.size() > 19 || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');  // 19 digits fit
  }
  return value;
}

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= std::numeric_limits<std::uint16_t>::max();
}

bool is_ipv6_text(std::string_view text) {
  for (const char c : text) {
    if (hex_digit(c) < 0 && c != ':' && c != '.') return false;
  }
  return text.size() >= 2 && text.find(':') != std::string_view::npos;
}

/// RFC 3986 host with an optional port: a name, an IPv4 address or a bracketed IPv6 address.
bool is_host(std::string_view value) {
  if (value.empty() || value.size() > kHostBytesMax) return false;
  std::string_view rest;
  if (value.front() == '[') {
    const std::size_t end = value.find(']');
    if (end == std::string_view::npos || !is_ipv6_text(value.substr(1, end - 1))) return false;
    rest = value.substr(end + 1);
  } else {
    const std::size_t end = value.find(':');
    const std::string_view name = value.substr(0, end);
    if (name.empty() || !kHostBytes.has_all(name)) return false;
    rest = end == std::string_view::npos ? std::string_view{} : value.substr(end);
  }
  return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
}

/// The fields that may appear only once, by bit.
enum class Once : std::uint8_t {
  host,
  content_length,
  authorization,
  idempotency_key,
  content_type,
  origin,
  last_event_id,
  expect,
  x_request_id,
  websocket_key,
  websocket_version,
};

/// Reads the field lines one after another and remembers what they mean for the message.
class FieldReader {
 public:
  FieldReader(RequestHead& head, const RequestLimits& limits) : head_(head), limits_(limits) {}

  Door line(std::string_view text) {
    if (++count_ > limits_.header_fields_max) return Door::too_many_headers;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0) return Door::bad_header;
    const std::string_view name = text.substr(0, colon);
    // A leading blank (a folded line) and one before the colon are no token bytes.
    if (!kTokenBytes.has_all(name)) return Door::bad_header;
    const std::string_view value = text.substr(colon + 1);
    for (const char c : value) {
      if (!is_text_byte(c)) return Door::bad_header;
    }
    return field(name, trim(value));
  }

  Door finish() {
    if (!seen(Once::host)) return Door::host_missing;
    if (!seen(Once::content_length) && needs_length(head_.method)) return Door::length_required;
    if (head_.content_length > 0 && !takes_body(head_.method)) return Door::body_not_allowed;
    head_.keep_alive = !close_ && (head_.minor_version == 1 || keep_alive_);
    head_.expects_continue = seen(Once::expect) && head_.minor_version == 1;
    return Door::none;
  }

 private:
  bool seen(Once which) const { return (seen_ >> static_cast<unsigned>(which) & 1u) != 0; }

  Door once(Once which) {
    if (seen(which)) return Door::repeated_header;
    seen_ |= 1u << static_cast<unsigned>(which);
    return Door::none;
  }

  Door field(std::string_view name, std::string_view value) {
    // The length picks the few names worth comparing.
    switch (name.size()) {
      case 4:
        if (equals_lower(name, "host")) return host(value);
        break;
      case 6:
        if (equals_lower(name, "expect")) return expect(value);
        if (equals_lower(name, "origin")) return once(Once::origin);
        break;
      case 7:
        if (equals_lower(name, "upgrade")) head_.wants_websocket |= list_has(value, "websocket");
        break;
      case 10:
        if (equals_lower(name, "connection")) connection(value);
        break;
      case 12:
        if (equals_lower(name, "content-type")) return once(Once::content_type);
        if (equals_lower(name, "x-request-id")) return once(Once::x_request_id);
        break;
      case 13:
        if (equals_lower(name, "authorization")) return once(Once::authorization);
        if (equals_lower(name, "last-event-id")) return once(Once::last_event_id);
        break;
      case 14:
        if (equals_lower(name, "content-length")) return content_length(value);
        if (equals_lower(name, "content_length")) return Door::bad_content_length;
        break;
      case 15:
        if (equals_lower(name, "idempotency-key")) return once(Once::idempotency_key);
        break;
      case 16:
        if (equals_lower(name, "content-encoding")) return content_encoding(value);
        break;
      case 17:
        if (equals_lower(name, "transfer-encoding")) return Door::transfer_encoding;
        if (equals_lower(name, "transfer_encoding")) return Door::transfer_encoding;
        if (equals_lower(name, "sec-websocket-key")) return once(Once::websocket_key);
        break;
      case 21:
        if (equals_lower(name, "sec-websocket-version")) return once(Once::websocket_version);
        break;
      default: break;
    }
    return Door::none;
  }

  Door host(std::string_view value) {
    const Door repeated = once(Once::host);
    if (repeated != Door::none) return repeated;
    return is_host(value) ? Door::none : Door::bad_host;
  }

  Door expect(std::string_view value) {
    const Door repeated = once(Once::expect);
    if (repeated != Door::none) return repeated;
    return equals_lower(value, "100-continue") ? Door::none : Door::expectation_failed;
  }

  void connection(std::string_view value) {
    close_ |= list_has(value, "close");
    keep_alive_ |= list_has(value, "keep-alive");
  }

  Door content_length(std::string_view value) {
    const Door repeated = once(Once::content_length);
    if (repeated != Door::none) return repeated;
    const auto length = plain_number(value);
    if (!length) return Door::bad_content_length;
    head_.content_length = *length;
    return Door::none;
  }

  Door content_encoding(std::string_view value) const {
    return value.empty() || equals_lower(value, "identity") ? Door::none : Door::content_encoding;
  }

  RequestHead& head_;
  const RequestLimits& limits_;
  std::size_t count_ = 0;
  unsigned seen_ = 0;
  bool close_ = false;
  bool keep_alive_ = false;
};

/// Takes the next line off `bytes`, without its CR LF. A CR elsewhere stays and fails later as a
/// control character.
std::optional<std::string_view> take_line(std::string_view& bytes) {
  const std::size_t feed = bytes.find('\n');
  if (feed == std::string_view::npos || feed == 0 || bytes[feed - 1] != '\r') return std::nullopt;
  const std::string_view line = bytes.substr(0, feed - 1);
  bytes.remove_prefix(feed + 1);
  return line;
}

Door check_version(std::string_view text, RequestHead& head) {
  if (text == "HTTP/1.1") {
    head.minor_version = 1;
    return Door::none;
  }
  if (text == "HTTP/1.0") {
    head.minor_version = 0;
    return Door::none;
  }
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool other = text.size() == 8 && text.starts_with("HTTP/") && digit(text[5]) &&
                     text[6] == '.' && digit(text[7]);
  return other ? Door::http_version : Door::bad_request_line;
}

Door check_method(std::string_view text, RequestHead& head) {
  if (text.empty() || text.size() > kMethodBytesMax || !kTokenBytes.has_all(text))
    return Door::bad_method;
  const auto method = known_method(text);
  if (method) {
    head.method = *method;
    return Door::none;
  }
  return text == "TRACE" || text == "CONNECT" ? Door::method_not_allowed : Door::unknown_method;
}

Door check_request_line(std::string_view line,
                        const RequestLimits& limits,
                        RequestHead& head,
                        std::string_view& target) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return Door::bad_request_line;
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return Door::bad_request_line;
  // The version first: what another version means by its method and target is not ours to judge.
  Door refusal = check_version(line.substr(second + 1), head);
  if (refusal == Door::none) refusal = check_method(line.substr(0, first), head);
  if (refusal != Door::none) return refusal;
  target = line.substr(first + 1, second - first - 1);
  if (target.size() > limits.target_bytes_max) return Door::uri_too_long;
  return check_target(target);
}

}  // namespace

Door check_head(std::string_view bytes, const RequestLimits& limits, RequestHead& head) {
  head = RequestHead{};
  head.head_bytes = bytes.size();
  if (bytes.size() > limits.header_bytes_max) return Door::header_too_large;

  auto line = take_line(bytes);
  if (!line) return Door::bad_request_line;
  std::string_view target;
  Door refusal = check_request_line(*line, limits, head, target);
  if (refusal != Door::none) return refusal;

  FieldReader fields(head, limits);
  while (true) {
    line = take_line(bytes);
    if (!line) return Door::bare_line_feed;
    if (line->empty()) break;
    refusal = fields.line(*line);
    if (refusal != Door::none) return refusal;
  }
  if (!bytes.empty()) return Door::bad_header;
  refusal = fields.finish();
  if (refusal != Door::none) return refusal;

  const bool large = limits.takes_large_body && head.content_length > limits.body_bytes_max &&
                     limits.takes_large_body(path_of(target));
  const std::uint64_t body_bytes_max = large ? limits.large_body_bytes_max : limits.body_bytes_max;
  return head.content_length > body_bytes_max ? Door::payload_too_large : Door::none;
}

}  // namespace stardrop::api::http
