// Fuzzes the door: cutting, checking and parsing requests, whole and in pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/http/request_framer.h"
#include "api/http/request_parser.h"
#include "base/check.h"

namespace {

using namespace stardrop::api::http;

/// A fingerprint of what became of the stream: sizes of the requests and the final refusal.
struct Outcome {
  std::size_t requests = 0;
  std::size_t bytes = 0;
  Door refusal = Door::none;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void check_request(std::string_view message, const RequestHead& head) {
  Request request;
  // Beast may be stricter than the door, never the other way round in what it makes of a message.
  if (!parse_request(message, head, request)) return;
  STARDROP_ASSERT(request.body.size() == head.content_length, "both readers see one body");
  STARDROP_ASSERT(request.target.starts_with('/'), "only origin-form targets pass");
  STARDROP_ASSERT(!request.has_header("transfer-encoding"), "no transfer encoding passes");
  STARDROP_ASSERT(!request.host().empty(), "every request names its host");
  for (const HeaderField& field : request.fields) {
    STARDROP_ASSERT(
        field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
        "no value holds a line end or NUL");
  }
}

Outcome cut(std::string_view bytes, std::size_t step, const RequestLimits& limits) {
  RequestFramer framer(limits);
  Outcome outcome;
  for (std::size_t arrived = 0; arrived < bytes.size();) {
    arrived = std::min(bytes.size(), arrived + step);
    while (outcome.bytes < arrived) {
      // A copy of its own, so that the address sanitizer sees every read past the end.
      const std::string rest(bytes.substr(outcome.bytes, arrived - outcome.bytes));
      const auto seen = framer.look(rest);
      if (seen == RequestFramer::Step::need_more) break;
      if (seen == RequestFramer::Step::refused) {
        outcome.refusal = framer.refusal();
        return outcome;
      }
      const std::size_t size = framer.message_bytes();
      check_request(std::string_view(rest).substr(0, size), framer.head());
      outcome.bytes += size;
      ++outcome.requests;
      framer.next_request();
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  RequestLimits limits;
  limits.header_bytes_max = 2048;
  limits.target_bytes_max = 512;
  limits.takes_large_body = [](std::string_view path) { return path == "/v1/batch"; };
  const std::string bytes(data, data + size);
  const Outcome whole = cut(bytes, bytes.size() + 1, limits);
  STARDROP_ASSERT(cut(bytes, 7, limits) == whole, "how a stream is split changes nothing");
  return 0;
}
