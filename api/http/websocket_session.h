// One WebSocket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "api/http/connection.h"
#include "api/http/connection_limits.h"
#include "api/http/live.h"
#include "api/http/request.h"
#include "api/http/stream.h"

namespace stardrop::api::http {

/// Speaks RFC 6455 through Boost.Beast on a connection that began as HTTP. Text messages only, no
/// compression, bounded in both directions. Lives on its IoThread.
class WebSocketSession final : public Connection,
                               public LiveChannel,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(IoThread& thread,
                   Stream stream,
                   ConnectionTicket ticket,
                   std::shared_ptr<LiveListener> listener);
  ~WebSocketSession() override;

  /// Answers the (checked) handshake and goes on from there. `request` is read before this returns.
  void accept(const Request& request);

  void sweep(std::int64_t now_ms) override;
  void drain() override;
  void abort() override;

  bool send(SharedText text) override;
  void close(std::uint16_t code, std::string_view reason) override;
  bool is_open() const override { return state_ == State::open; }
  std::size_t queued_bytes() const override { return queued_bytes_; }
  IoThread& thread() override { return thread_; }

 private:
  enum class State : std::uint8_t { accepting, open, closing, closed };

  void configure();
  void read();
  void on_read(boost::system::error_code error);
  void write_next();
  bool count_incoming();
  void start_close();
  void report_closed(std::uint16_t code);
  void finish(std::uint16_t code);

  IoThread& thread_;
  ConnectionTicket ticket_;
  std::shared_ptr<LiveListener> listener_;
  boost::beast::websocket::stream<Stream> socket_;
  boost::beast::flat_buffer incoming_;
  std::deque<SharedText> queue_;  // the front one is being written
  std::size_t queued_bytes_ = 0;
  State state_ = State::accepting;
  bool writing_ = false;
  bool close_started_ = false;
  std::uint16_t close_code_ = 0;  // ours, once we decided to close
  std::string close_reason_;
  std::int64_t close_until_ms_ = 0;
  std::int64_t window_start_ms_ = 0;  // of the incoming rate
  std::size_t window_count_ = 0;
  std::uint64_t received_at_message_ =
      0;  // bytes read when the last message or control frame ended
};

}  // namespace stardrop::api::http
