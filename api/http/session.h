// One HTTP connection: reads requests, keeps their order, writes answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/connection.h"
#include "api/http/connection_limits.h"
#include "api/http/event_stream.h"
#include "api/http/exchange.h"
#include "api/http/output_buffer.h"
#include "api/http/request_framer.h"
#include "api/http/stream.h"

namespace stardrop::api::http {

class IoThread;

/// An HTTP/1.1 connection. Lives on its IoThread; alive as long as an operation or an exchange
/// refers to it.
///
/// Requests are taken from one read as far as they go (pipelining), up to a depth; answers leave in
/// the order of the requests, as many as are ready with one write.
class Session final : public Connection, public std::enable_shared_from_this<Session> {
 public:
  Session(IoThread& thread, Stream stream, ConnectionTicket ticket, std::string remote_address);
  ~Session() override;

  /// Begins with the TLS handshake, if any, then reads.
  void start();

  void sweep(std::int64_t now_ms) override;
  void drain() override;
  void abort() override;

  /// Writes what is ready; called by the IoThread at the end of a round.
  void flush();

  // ---- called by Exchange ----
  void reply(Exchange& exchange,
             unsigned status,
             std::string_view content_type,
             std::string body,
             std::span<const HeaderField> extra);
  void refuse(Exchange& exchange, Door refusal);
  bool accept_websocket(Exchange& exchange, std::shared_ptr<LiveListener> listener);
  bool open_events(Exchange& exchange,
                   std::shared_ptr<LiveListener> listener,
                   std::uint32_t retry_ms);

  // ---- called by EventStream ----
  void send_event(std::string_view before, SharedText text, std::string_view after);
  void end_events(std::string_view last_bytes);
  std::size_t output_bytes() const { return output_.bytes() + in_write_.bytes(); }
  IoThread& thread() const { return thread_; }

 private:
  enum class State : std::uint8_t {
    handshaking,  // TLS
    open,
    lingering,    // our end is closed; what still arrives is thrown away
    handed_over,  // the stream belongs to a WebSocket now
    closed,
  };

  bool is_live() const { return state_ == State::open; }

  // session_read.cpp
  void shake_hands();
  void start_read();
  void on_read(const error_code& error, std::size_t count);
  /// Reads what a full buffer left behind; false if the connection is at its end.
  bool read_the_rest();
  void on_bytes(std::string_view bytes);
  void on_end_of_stream();
  void consume(std::string_view bytes);
  std::size_t take_requests(std::string_view bytes);
  bool may_take_more() const;
  void take_request(std::string_view message, std::string* whole_buffer);
  void keep_rest(std::string_view bytes, std::size_t used);
  void send_continue_if_due();
  void resume_reading();

  // session_write.cpp
  void enqueue(Exchange& exchange);
  void refuse_at_door(Door refusal);
  void advance();
  void request_flush();
  void write_plain();
  void write_tls();
  void after_write(std::size_t count);
  void when_written();
  void linger();
  void close();
  void drop_queue();
  bool says_close(const Exchange& exchange) const;
  void check_write_progress(std::int64_t now_ms);

  IoThread& thread_;
  Stream stream_;
  ConnectionTicket ticket_;
  const std::string remote_address_;
  RequestFramer framer_;
  std::string partial_;      // received, but not yet a whole request
  std::vector<char> input_;  // where reads go
  OutputBuffer output_;      // answers in order, ready to go
  OutputBuffer in_write_;    // what a TLS write under way refers to
  std::shared_ptr<EventStream> events_;
  Exchange* first_ = nullptr;  // requests in flight, oldest first
  Exchange* last_ = nullptr;
  std::size_t in_flight_ = 0;

  State state_ = State::open;
  bool reading_ = false;  // a read is under way
  bool writing_ = false;  // waiting to be able to write, or a TLS write is under way
  bool flush_asked_ = false;
  bool no_more_requests_ = false;   // refused, Connection: close, or end of stream
  bool client_done_ = false;        // the client closed its end
  bool upgrade_in_flight_ = false;  // the last request may turn the connection into a WebSocket
  bool continue_sent_ = false;
  bool close_when_written_ = false;
  bool taking_ = false;  // take_requests() is on the stack

  std::size_t bytes_behind_ = 0;  // received behind the last request when it was taken

  std::int64_t opened_ms_;
  std::int64_t active_ms_;  // last byte either way
  std::int64_t request_since_ms_ = -1;
  std::int64_t linger_until_ms_ = 0;
  std::size_t lingered_bytes_ = 0;
  std::int64_t stall_since_ms_ = -1;
  std::uint64_t written_ = 0;
  std::uint64_t written_at_stall_ = 0;
};

}  // namespace stardrop::api::http
