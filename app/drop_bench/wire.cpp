// HTTP/1.1 as the load client needs it: whole requests out, whole answers in, nothing copied.
#include "app/drop_bench/wire.h"

#include <array>
#include <charconv>
#include <cstring>

namespace stardrop::app {

namespace {

constexpr std::size_t kHeadMax = 64 * 1024;

void append_number(std::string& out, std::size_t value) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

/// Whether `line` begins with `name`, which is lower case and ends in a colon.
bool begins_with_name(std::string_view line, std::string_view name) {
  if (line.size() < name.size() || line[name.size() - 1] != ':') return false;
  for (std::size_t i = 0; i + 1 < name.size(); ++i) {
    const char c = line[i];
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower != name[i]) return false;
  }
  return true;
}

std::string_view value_behind(std::string_view line, std::size_t name_size) {
  line.remove_prefix(name_size);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

struct Head {
  std::size_t length = 0;
  bool has_length = false;
};

/// Reads one line of a head. False if it can't be understood.
bool read_line(std::string_view line, Answer& out, Head& head) {
  constexpr std::string_view kLength = "content-length:";
  constexpr std::string_view kReplayed = "idempotency-replayed:";
  constexpr std::string_view kConnection = "connection:";
  constexpr std::string_view kEncoding = "transfer-encoding:";
  // Most lines are none of these; their first letter says so.
  switch (line.empty() ? '\0' : line.front()) {
    case 'c':
    case 'C':
      if (begins_with_name(line, kLength)) {
        const std::string_view value = value_behind(line, kLength.size());
        const auto [stop, wrong] =
            std::from_chars(value.data(), value.data() + value.size(), head.length);
        head.has_length = true;
        return wrong == std::errc() && stop == value.data() + value.size();
      }
      if (begins_with_name(line, kConnection)) {
        out.close = value_behind(line, kConnection.size()) == "close";
      }
      return true;
    case 'i':
    case 'I':
      if (begins_with_name(line, kReplayed)) {
        out.replayed = value_behind(line, kReplayed.size()) == "true";
      }
      return true;
    case 't':
    case 'T': return !begins_with_name(line, kEncoding);
    default: return true;
  }
}

/// The end of the JSON value that begins at `at`.
std::size_t end_of_value(std::string_view json, std::size_t at) {
  std::size_t depth = 0;
  for (; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      for (++at; at < json.size() && json[at] != '"'; ++at) {
        if (json[at] == '\\') ++at;
      }
      if (depth == 0) return at + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    } else if (c == ',' && depth == 0) {
      return at;
    }
  }
  return json.size();
}

/// Where the value of member `name` begins; npos if there is none.
std::size_t member_at(std::string_view json, std::string_view name) {
  for (std::size_t at = json.find(name); at != std::string_view::npos;
       at = json.find(name, at + 1)) {
    std::size_t behind = at + name.size();
    if (at == 0 || json[at - 1] != '"' || behind >= json.size() || json[behind] != '"') continue;
    ++behind;
    while (behind < json.size() && json[behind] == ' ') ++behind;
    if (behind >= json.size() || json[behind] != ':') continue;
    ++behind;
    while (behind < json.size() && json[behind] == ' ') ++behind;
    return behind;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view url, std::string_view key) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) return std::nullopt;
  std::string_view authority = url.substr(kScheme.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.empty() || authority.find_first_of("/?#@ \r\n") != std::string_view::npos)
    return std::nullopt;
  Endpoint out;
  out.url = url;
  std::string_view host = authority;
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    host = authority.substr(0, colon);
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, wrong] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (wrong != std::errc() || end != port.data() + port.size()) return std::nullopt;
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  out.host = host;
  out.common = "Host: " + std::string(authority) + "\r\n";
  if (!key.empty()) out.common += "Authorization: Bearer " + std::string(key) + "\r\n";
  return out;
}

void append_post(std::string& out,
                 const Endpoint& to,
                 std::string_view path,
                 std::string_view idempotency_key,
                 std::string_view body) {
  out.append("POST ").append(path).append(" HTTP/1.1\r\n").append(to.common);
  if (!idempotency_key.empty())
    out.append("Idempotency-Key: ").append(idempotency_key).append("\r\n");
  out.append("Content-Type: application/json\r\nContent-Length: ");
  append_number(out, body.size());
  out.append("\r\n\r\n").append(body);
}

void append_get(std::string& out, const Endpoint& to, std::string_view path) {
  out.append("GET ").append(path).append(" HTTP/1.1\r\n").append(to.common).append("\r\n");
}

Framed frame_answer(std::string_view bytes, Answer& out) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos)
    return bytes.size() > kHeadMax ? Framed::broken : Framed::incomplete;
  if (bytes.size() < 12 || !bytes.starts_with("HTTP/1.")) return Framed::broken;
  out = Answer{};
  for (std::size_t i = 9; i < 12; ++i) {
    if (bytes[i] < '0' || bytes[i] > '9') return Framed::broken;
    out.status = out.status * 10 + (bytes[i] - '0');
  }
  Head head;
  std::size_t at = bytes.find('\n') + 1;
  while (at < head_end + 2) {
    const std::size_t end = bytes.find('\r', at);
    if (!read_line(bytes.substr(at, end - at), out, head)) return Framed::broken;
    at = end + 2;
  }
  if (!head.has_length && out.status != 204 && out.status != 304) return Framed::broken;
  out.size = head_end + 4 + head.length;
  if (bytes.size() < out.size) return Framed::incomplete;
  out.body = bytes.substr(head_end + 4, head.length);
  return Framed::whole;
}

std::string_view text_member(std::string_view json, std::string_view name) {
  const std::size_t at = member_at(json, name);
  if (at == std::string_view::npos || json[at] != '"') return {};
  const std::size_t end = json.find('"', at + 1);
  return end == std::string_view::npos ? std::string_view{} : json.substr(at + 1, end - at - 1);
}

std::optional<std::int64_t> number_member(std::string_view json, std::string_view name) {
  const std::size_t at = member_at(json, name);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, wrong] = std::from_chars(json.data() + at, json.data() + json.size(), value);
  if (wrong != std::errc()) return std::nullopt;
  return value;
}

BatchAnswers::BatchAnswers(std::string_view body) {
  const std::size_t at = member_at(body, "data");
  if (at != std::string_view::npos && body[at] == '[') rest_ = body.substr(at + 1);
}

std::optional<BatchAnswers::Element> BatchAnswers::next() {
  const std::size_t at = rest_.find_first_not_of(", \n");
  if (at == std::string_view::npos || rest_[at] != '{') return std::nullopt;
  const std::size_t end = end_of_value(rest_, at);
  const std::string_view element = rest_.substr(at, end - at);
  rest_.remove_prefix(end);
  Element out;
  std::size_t body_at = member_at(element, "body");
  const std::string_view before = element.substr(0, body_at);
  out.status = static_cast<int>(number_member(before, "status").value_or(0));
  const std::size_t replayed = member_at(before, "replayed");
  out.replayed = replayed != std::string_view::npos && before.substr(replayed).starts_with("true");
  if (body_at != std::string_view::npos) {
    out.body = element.substr(body_at, end_of_value(element, body_at) - body_at);
  }
  return out;
}

}  // namespace stardrop::app
