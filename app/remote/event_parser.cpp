// Server-sent events, line by line.
#include "app/remote/event_parser.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace stardrop::app {

namespace {
/// Longest pause a server can ask for.
constexpr std::int64_t kRetryMaxMs = 60'000;
}  // namespace

void EventParser::begin() {
  partial_.clear();
  event_ = {};
  id_ = last_id_;
  has_data_ = false;
  after_cr_ = false;
}

bool EventParser::feed(std::string_view bytes,
                       const std::function<bool(const ServerEvent&)>& on_event) {
  while (!bytes.empty()) {
    if (std::exchange(after_cr_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    partial_.append(bytes.substr(0, end));
    if (end == std::string_view::npos) return true;
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    const std::string whole = std::exchange(partial_, {});
    if (!line(whole, on_event)) return false;
  }
  return true;
}

bool EventParser::line(std::string_view text,
                       const std::function<bool(const ServerEvent&)>& on_event) {
  if (!text.empty()) {
    const std::size_t colon = text.find(':');
    std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    field(text.substr(0, colon), value);
    return true;
  }
  last_id_ = id_;
  ServerEvent event = std::exchange(event_, {});
  if (!std::exchange(has_data_, false)) return true;
  event.data.pop_back();  // the line feed behind the last line
  return on_event(event);
}

void EventParser::field(std::string_view name, std::string_view value) {
  if (name == "data") {
    event_.data.append(value).push_back('\n');
    has_data_ = true;
  } else if (name == "event") {
    event_.type = value;
  } else if (name == "id") {
    if (value.find('\0') == std::string_view::npos) id_ = value;
  } else if (name == "retry") {
    std::int64_t ms = 0;
    const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (wrong == std::errc() && end == value.data() + value.size() && ms >= 0) {
      retry_ms_ = std::min(ms, kRetryMaxMs);
    }
  }
}

}  // namespace stardrop::app
