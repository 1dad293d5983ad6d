// One WebSocket on Boost.Beast.
#include "api/http/websocket_session.h"

#include <chrono>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "api/http/io_thread.h"

namespace stardrop::api::http {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

constexpr std::int64_t kRateWindowMs = 1000;
// Bytes on the wire that one message may take, in multiples of its largest size.
constexpr std::size_t kFramingFactorMax = 4;
constexpr std::size_t kReasonBytesMax = 123;  // RFC 6455 5.5: a control frame carries 125 bytes

beast::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// What the client did to end the connection, as far as it is to blame for it.
bool is_violation(const error_code& error) {
  return error == websocket::condition::protocol_violation ||
         error == websocket::error::message_too_big || error == websocket::error::buffer_overflow;
}

}  // namespace

WebSocketSession::WebSocketSession(IoThread& thread,
                                   Stream stream,
                                   ConnectionTicket ticket,
                                   std::shared_ptr<LiveListener> listener)
    : thread_(thread),
      ticket_(std::move(ticket)),
      listener_(std::move(listener)),
      socket_(std::move(stream)) {
  thread_.enlist(*this);
  configure();
}

WebSocketSession::~WebSocketSession() { thread_.unlist(*this); }

void WebSocketSession::configure() {
  const ServerOptions& options = thread_.options();
  websocket::stream_base::timeout timeouts{};
  timeouts.handshake_timeout = std::chrono::milliseconds(options.timeouts.ws_close_ms);
  timeouts.idle_timeout = std::chrono::milliseconds(2 * options.timeouts.ws_ping_ms);
  timeouts.keep_alive_pings = true;
  socket_.set_option(timeouts);
  websocket::permessage_deflate compression;
  compression.server_enable = false;
  socket_.set_option(compression);
  socket_.read_message_max(options.ws_message_bytes_max);
  // Whole messages in whole frames: they need no buffer of their own.
  socket_.auto_fragment(false);
  socket_.text(true);
}

void WebSocketSession::accept(const Request& request) {
  beast::http::request<beast::http::empty_body> handshake;
  handshake.version(11);
  handshake.method(beast::http::verb::get);
  handshake.target(view(request.target));
  for (const HeaderField& field : request.fields)
    handshake.insert(view(field.name), view(field.value));
  socket_.async_accept(handshake, [self = shared_from_this()](error_code error) {
    IoThread& thread = self->thread_;
    if (error || self->state_ != State::accepting) return self->finish(kCloseAbnormal);
    const IoThread::Round round(thread);
    self->state_ = State::open;
    self->window_start_ms_ = thread.refresh_now();
    thread.counters().websockets_opened.add();
    // Pings and pongs count like messages: a flood of them costs as much.
    self->socket_.control_callback(
        [weak = self->weak_from_this()](websocket::frame_type, beast::string_view) {
          if (const auto session = weak.lock()) session->count_incoming();
        });
    self->listener_->on_open(self);
    if (thread.draining()) self->drain();
    self->read();
  });
}

void WebSocketSession::read() {
  socket_.async_read(incoming_, [self = shared_from_this()](error_code error, std::size_t) {
    self->on_read(error);
  });
}

void WebSocketSession::on_read(error_code error) {
  if (state_ == State::closed) return;
  const IoThread::Round round(thread_);
  thread_.refresh_now();
  if (error) {
    if (is_violation(error)) thread_.counters().ws_policy_closed.add();
    const auto code = static_cast<std::uint16_t>(socket_.reason().code);
    return finish(close_code_ != 0 ? close_code_ : code != 0 ? code : kCloseAbnormal);
  }
  const auto self = shared_from_this();
  if (state_ == State::open && !socket_.got_text()) {
    thread_.counters().ws_policy_closed.add();
    close(1003, "text messages only");
  } else if (state_ == State::open && count_incoming()) {
    const auto bytes = incoming_.data();
    listener_->on_message(self, {static_cast<const char*>(bytes.data()), bytes.size()});
  }
  incoming_.consume(incoming_.size());
  if (state_ != State::closed)
    read();  // also while closing: the answer to our close frame comes this way
}

bool WebSocketSession::count_incoming() {
  if (state_ != State::open) return false;
  received_at_message_ = socket_.next_layer().received();
  const std::int64_t now_ms = thread_.now_ms();
  if (now_ms - window_start_ms_ >= kRateWindowMs) {
    window_start_ms_ = now_ms;
    window_count_ = 0;
  }
  if (++window_count_ <= thread_.options().ws_messages_per_second_max) return true;
  thread_.counters().ws_policy_closed.add();
  close(kClosePolicy, "too many messages");
  return false;
}

bool WebSocketSession::send(SharedText text) {
  if (state_ != State::open) return false;
  if (queued_bytes_ + text->size() > thread_.options().ws_queue_bytes_max) {
    thread_.counters().slow_watchers_dropped.add();
    // What is queued is let go at once; only the message under way must stay.
    if (queue_.size() > 1) queue_.erase(queue_.begin() + 1, queue_.end());
    queued_bytes_ = queue_.empty() ? 0 : queue_.front()->size();
    close(kCloseTryLater, "lagged");
    return false;
  }
  queued_bytes_ += text->size();
  queue_.push_back(std::move(text));
  if (!writing_) write_next();
  return true;
}

void WebSocketSession::write_next() {
  writing_ = true;
  const std::string& text = *queue_.front();
  socket_.async_write(asio::buffer(text),
                      [self = shared_from_this()](error_code error, std::size_t count) {
                        self->writing_ = false;
                        if (error || self->state_ == State::closed)
                          return self->finish(kCloseAbnormal);
                        const IoThread::Round round(self->thread_);
                        self->thread_.counters().bytes_sent.add(count);
                        self->queued_bytes_ -= self->queue_.front()->size();
                        self->queue_.pop_front();
                        if (!self->queue_.empty()) {
                          self->write_next();
                        } else if (self->state_ == State::closing) {
                          self->start_close();
                        }
                      });
}

void WebSocketSession::close(std::uint16_t code, std::string_view reason) {
  if (state_ == State::accepting) return finish(code);
  if (state_ != State::open) return;
  state_ = State::closing;
  close_code_ = code;
  close_reason_ = reason.substr(0, kReasonBytesMax);
  close_until_ms_ = thread_.now_ms() + thread_.options().timeouts.ws_close_ms;
  report_closed(code);
  if (!writing_) start_close();
}

void WebSocketSession::start_close() {
  if (std::exchange(close_started_, true)) return;
  const websocket::close_reason reason(static_cast<websocket::close_code>(close_code_),
                                       view(close_reason_));
  socket_.async_close(reason,
                      [self = shared_from_this()](error_code) { self->finish(self->close_code_); });
}

void WebSocketSession::sweep(std::int64_t now_ms) {
  // Who neither reads nor answers the close frame is cut off.
  if (state_ == State::closing && now_ms >= close_until_ms_) return finish(close_code_);
  // Frames that never make up a message, empty fragments above all, pass by every other limit.
  const std::uint64_t wasted = socket_.next_layer().received() - received_at_message_;
  if (state_ == State::open &&
      wasted > kFramingFactorMax * thread_.options().ws_message_bytes_max) {
    thread_.counters().ws_policy_closed.add();
    close(kClosePolicy, "frames without a message");
  }
}

void WebSocketSession::drain() { close(kCloseGoingAway, "server is stopping"); }

void WebSocketSession::abort() { finish(close_code_ != 0 ? close_code_ : kCloseGoingAway); }

void WebSocketSession::report_closed(std::uint16_t code) {
  if (!listener_) return;
  const auto self = shared_from_this();
  const auto listener = std::exchange(listener_, nullptr);
  if (state_ == State::accepting) return;
  thread_.counters().websockets_closed.add();
  listener->on_close(self, code);
}

void WebSocketSession::finish(std::uint16_t code) {
  if (state_ == State::closed) return;
  const auto self = shared_from_this();
  report_closed(code);
  state_ = State::closed;
  socket_.next_layer().close();
  thread_.unlist(*this);
  ticket_ = ConnectionTicket();
  thread_.counters().connections_closed.add();
}

}  // namespace stardrop::api::http
