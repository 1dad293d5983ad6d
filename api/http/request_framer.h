// Finds where a request ends in a growing run of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "api/http/door.h"
#include "api/http/request_head.h"

namespace stardrop::api::http {

/// Cuts a byte stream into whole requests, incrementally: bytes already looked at are not scanned
/// again. Works without a socket. Not thread-safe.
class RequestFramer {
 public:
  enum class Step : std::uint8_t {
    need_more,  ///< the request goes on past `bytes`
    complete,   ///< the first message_bytes() bytes are one request
    refused,    ///< refusal() says why; the stream cannot be read any further
  };

  explicit RequestFramer(const RequestLimits& limits) : limits_(limits) {}

  /// Looks at `bytes`, which begins with the first byte of the request; each call sees at least
  /// what the last one saw. After `complete`, call next_request() before going on behind it.
  Step look(std::string_view bytes);

  /// Starts over at the first byte of the following request.
  void next_request();

  /// Whether the head of the request under way has been read and found good.
  bool head_complete() const { return head_complete_; }
  const RequestHead& head() const { return head_; }
  std::size_t message_bytes() const;
  Door refusal() const { return refusal_; }

 private:
  Step refuse(Door refusal);
  Step look_for_head(std::string_view bytes);
  Door excess_of(std::size_t bytes) const;

  const RequestLimits& limits_;
  RequestHead head_;
  std::size_t scanned_ = 0;     // bytes known to hold no line end that was not looked at
  std::size_t line_start_ = 0;  // of the line under way
  bool head_complete_ = false;
  Door refusal_ = Door::none;
};

}  // namespace stardrop::api::http
