// Connections that stay open to tell what happens: WebSockets and event streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "api/http/output_buffer.h"

namespace stardrop::api::http {

class IoThread;

/// Close codes of RFC 6455 7.4 that the server itself uses. Applications add their own from 4000
/// on.
inline constexpr std::uint16_t kCloseNormal = 1000;
inline constexpr std::uint16_t kCloseGoingAway = 1001;
inline constexpr std::uint16_t kCloseAbnormal = 1006;  ///< never sent: the connection just ended
inline constexpr std::uint16_t kClosePolicy = 1008;
inline constexpr std::uint16_t kCloseTryLater = 1013;

/// One open WebSocket or event stream. Use it on its IoThread only.
class LiveChannel {
 public:
  LiveChannel() = default;
  LiveChannel(const LiveChannel&) = delete;
  LiveChannel& operator=(const LiveChannel&) = delete;
  virtual ~LiveChannel() = default;

  /// Queues one text message (WebSocket) or one block made by event_text() (event stream). The text
  /// is shared, not copied. A reader who lags further behind than the queue allows is dropped
  /// (1013) without delaying anyone. Returns whether the message was taken.
  virtual bool send(SharedText text) = 0;

  /// Ends the channel after what is queued; an event stream has no use for the code. `reason` is at
  /// most 123 bytes of UTF-8.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  virtual bool is_open() const = 0;
  virtual std::size_t queued_bytes() const = 0;
  /// Where this channel lives; work for it is posted there.
  virtual IoThread& thread() = 0;
};

using LivePtr = std::shared_ptr<LiveChannel>;

/// What the layer above does with a channel. Called on the channel's IoThread.
class LiveListener {
 public:
  LiveListener() = default;
  LiveListener(const LiveListener&) = delete;
  LiveListener& operator=(const LiveListener&) = delete;
  virtual ~LiveListener() = default;

  /// The handshake is done. Not called if it fails; then on_close is not called either.
  virtual void on_open(const LivePtr& channel) = 0;
  /// A whole text message arrived (WebSocket only); valid UTF-8. The view ends with the call.
  virtual void on_message(const LivePtr& channel, std::string_view text) = 0;
  /// The channel is gone, for whatever reason; the last call.
  virtual void on_close(const LivePtr& channel, std::uint16_t code) = 0;
};

}  // namespace stardrop::api::http
