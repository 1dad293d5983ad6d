// Server-sent events (HTML living standard, 9.2) on an HTTP connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/http/live.h"

namespace stardrop::api::http {

class Session;

/// The text of one event. `id` and `event` may be empty and must be single lines; each line of
/// `data` becomes a `data:` line.
std::string event_text(std::string_view id, std::string_view event, std::string_view data);

/// The answer of a GET that never ends. Chunked for HTTP/1.1, up to the end of the connection
/// for 1.0.
class EventStream final : public LiveChannel, public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(std::weak_ptr<Session> session, std::shared_ptr<LiveListener> listener, bool chunked);

  /// Sends the reconnection time and tells the listener.
  void start(std::uint32_t retry_ms);
  /// A comment line, so that proxies and the client see life.
  void ping();
  /// The connection is gone.
  void closed(std::uint16_t code);

  bool send(SharedText text) override;
  void close(std::uint16_t code, std::string_view reason) override;
  bool is_open() const override { return open_; }
  std::size_t queued_bytes() const override;
  IoThread& thread() override { return thread_; }

 private:
  void put(SharedText text);
  void finish(std::uint16_t code);

  std::weak_ptr<Session> session_;
  std::shared_ptr<LiveListener> listener_;
  IoThread& thread_;
  const bool chunked_;
  bool open_ = true;
};

}  // namespace stardrop::api::http
