// Checks a request target in one pass over the path and one over the query.
#include "api/http/request_target.h"

#include <cstdint>
#include <optional>

#include "api/http/text.h"

namespace stardrop::api::http {
namespace {

/// Follows UTF-8 byte by byte (RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF).
class Utf8Follower {
 public:
  bool accept(std::uint8_t byte) {
    if (left_ == 0) return start(byte);
    if (byte < low_ || byte > high_) return false;
    low_ = 0x80;
    high_ = 0xbf;
    --left_;
    return true;
  }

  bool complete() const { return left_ == 0; }

 private:
  bool start(std::uint8_t byte) {
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    left_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    low_ = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
    high_ = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
    return true;
  }

  int left_ = 0;
  int low_ = 0x80;
  int high_ = 0xbf;
};

/// The byte behind the `%XX` at `at`, if it is one.
std::optional<std::uint8_t> unescape(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) return std::nullopt;
  const int high = hex_digit(text[at + 1]);
  const int low = hex_digit(text[at + 2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<std::uint8_t>(high * 16 + low);
}

Door check_query(std::string_view query) {
  for (std::size_t i = 0; i < query.size(); ++i) {
    if (!kQueryBytes.has(query[i])) return Door::bad_target;
    if (query[i] != '%') continue;
    const auto byte = unescape(query, i);
    if (!byte) return Door::bad_target;
    if (*byte == 0) return Door::bad_path;
  }
  return Door::none;
}

/// Watches the segment under way for being empty, "." or "..".
class SegmentWatch {
 public:
  void add(std::uint8_t byte) {
    ++length_;
    dots_ += byte == '.' ? 1u : 0u;
  }
  bool dotted() const { return length_ == dots_ && (length_ == 1 || length_ == 2); }
  bool empty() const { return length_ == 0; }
  void restart() { length_ = dots_ = 0; }

 private:
  std::size_t length_ = 0;
  std::size_t dots_ = 0;
};

Door check_path(std::string_view path) {
  SegmentWatch segment;
  Utf8Follower utf8;
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (!kPathBytes.has(path[i])) return Door::bad_target;
    if (path[i] == '/') {
      if (segment.empty() || segment.dotted() || !utf8.complete()) return Door::bad_path;
      segment.restart();
      continue;
    }
    auto byte = static_cast<std::uint8_t>(path[i]);
    if (path[i] == '%') {
      const auto escaped = unescape(path, i);
      if (!escaped) return Door::bad_target;
      byte = *escaped;
      if (byte == '/' || byte == '\\' || byte < 0x20 || byte == 0x7f) return Door::bad_path;
      i += 2;
    }
    if (!utf8.accept(byte)) return Door::bad_path;
    segment.add(byte);
  }
  return segment.dotted() || !utf8.complete() ? Door::bad_path : Door::none;
}

}  // namespace

Door check_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return Door::bad_target;
  const Door path = check_path(path_of(target));
  return path != Door::none ? path : check_query(query_of(target));
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::string_view query_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

}  // namespace stardrop::api::http
