// Finds where a request ends: line by line to the blank line, then Content-Length.
#include "api/http/request_framer.h"

#include "api/http/text.h"

namespace stardrop::api::http {
namespace {

constexpr std::size_t kRequestLineRestMax = 64;

}  // namespace

RequestFramer::Step RequestFramer::look(std::string_view bytes) {
  if (refusal_ != Door::none) return Step::refused;
  if (!head_complete_) {
    const Step step = look_for_head(bytes);
    if (step != Step::complete) return step;
    head_complete_ = true;
  }
  return bytes.size() >= message_bytes() ? Step::complete : Step::need_more;
}

void RequestFramer::next_request() {
  head_ = RequestHead{};
  scanned_ = 0;
  line_start_ = 0;
  head_complete_ = false;
}

std::size_t RequestFramer::message_bytes() const {
  // The door bounded content_length, so the sum fits.
  return head_.head_bytes + static_cast<std::size_t>(head_.content_length);
}

RequestFramer::Step RequestFramer::refuse(Door refusal) {
  refusal_ = refusal;
  return Step::refused;
}

RequestFramer::Step RequestFramer::look_for_head(std::string_view bytes) {
  // What cannot begin a request is refused at once: blank lines, a TLS greeting, binary noise.
  if (!bytes.empty() && !kTokenBytes.has(bytes.front())) return refuse(Door::bad_method);
  while (true) {
    const std::size_t feed = bytes.find('\n', scanned_);
    if (feed == std::string_view::npos) break;
    // The limits come first, so that a refusal does not depend on how the bytes were split.
    const Door excess = excess_of(feed);
    if (excess != Door::none) return refuse(excess);
    if (feed == 0 || bytes[feed - 1] != '\r') return refuse(Door::bare_line_feed);
    const bool blank = feed - line_start_ == 1;
    scanned_ = line_start_ = feed + 1;
    if (!blank) {
      if (scanned_ > limits_.header_bytes_max) return refuse(Door::header_too_large);
      continue;
    }
    const Door refusal = check_head(bytes.substr(0, scanned_), limits_, head_);
    return refusal == Door::none ? Step::complete : refuse(refusal);
  }
  scanned_ = bytes.size();
  const Door excess = excess_of(scanned_);
  return excess == Door::none ? Step::need_more : refuse(excess);
}

Door RequestFramer::excess_of(std::size_t bytes) const {
  // The rest of a request line, method and version, is short.
  const bool first_line = line_start_ == 0;
  if (first_line && bytes > limits_.target_bytes_max + kRequestLineRestMax)
    return Door::uri_too_long;
  return bytes > limits_.header_bytes_max ? Door::header_too_large : Door::none;
}

}  // namespace stardrop::api::http
