// One HTTP connection: its life, deadlines and live streams. Reading and writing are in the files
// beside this.
#include "api/http/session.h"

#include <utility>

#include "api/http/io_thread.h"
#include "api/http/websocket_handshake.h"
#include "api/http/websocket_session.h"

namespace stardrop::api::http {

Session::Session(IoThread& thread,
                 Stream stream,
                 ConnectionTicket ticket,
                 std::string remote_address)
    : thread_(thread),
      stream_(std::move(stream)),
      ticket_(std::move(ticket)),
      remote_address_(std::move(remote_address)),
      framer_(thread.options().limits),
      opened_ms_(thread.now_ms()),
      active_ms_(thread.now_ms()) {
  thread_.enlist(*this);
}

Session::~Session() { thread_.unlist(*this); }

void Session::start() {
  if (stream_.is_tls()) {
    state_ = State::handshaking;
    shake_hands();
  } else {
    start_read();
  }
}

void Session::sweep(std::int64_t now_ms) {
  const TimeoutOptions& timeouts = thread_.options().timeouts;
  switch (state_) {
    case State::handshaking:
      if (now_ms - opened_ms_ >= timeouts.tls_handshake_ms) {
        thread_.counters().tls_failures.add();
        close();
      }
      return;
    case State::lingering:
      if (now_ms >= linger_until_ms_) close();
      return;
    case State::handed_over:
    case State::closed: return;
    case State::open: break;
  }
  check_write_progress(now_ms);
  if (!is_live()) return;
  if (events_) {
    if (output_bytes() == 0 && now_ms - active_ms_ >= timeouts.sse_ping_ms) events_->ping();
    return;
  }
  if (request_since_ms_ >= 0 && now_ms - request_since_ms_ >= timeouts.request_ms) {
    refuse_at_door(Door::timeout);
    return;
  }
  const bool idle = in_flight_ == 0 && output_bytes() == 0 && request_since_ms_ < 0;
  if (idle && now_ms - active_ms_ >= timeouts.idle_ms) {
    thread_.counters().idle_closed.add();
    close();
  }
}

void Session::drain() {
  if (state_ == State::handshaking) return close();
  if (!is_live()) return;
  if (events_) return events_->close(kCloseGoingAway, "");
  const bool idle = in_flight_ == 0 && output_bytes() == 0 && request_since_ms_ < 0;
  if (idle) close();
}

void Session::abort() { close(); }

void Session::refuse(Exchange& exchange, Door refusal) {
  thread_.counters().refused(refusal);
  exchange.close_after_ = true;
  const std::string body = thread_.handler().refusal_body(refusal);
  if (refusal == Door::upgrade_required) {
    const std::array<HeaderField, 2> extra = {HeaderField{"Upgrade", "websocket"},
                                              HeaderField{"Sec-WebSocket-Version", "13"}};
    reply(exchange, info(refusal).status, "application/problem+json", body, extra);
  } else {
    reply(exchange, info(refusal).status, "application/problem+json", body, {});
  }
}

bool Session::accept_websocket(Exchange& exchange, std::shared_ptr<LiveListener> listener) {
  if (!is_live()) {
    exchange.mark_answered();
    return false;
  }
  Door refusal = check_websocket_handshake(exchange.request());
  if (refusal == Door::none && !exchange.origin_allowed()) refusal = Door::origin_forbidden;
  // Frames may follow the handshake only once it is answered (RFC 6455 4.1), so bytes behind it are
  // foul.
  const bool alone =
      &exchange == first_ && &exchange == last_ && output_bytes() == 0 && bytes_behind_ == 0;
  if (refusal == Door::none && (!alone || client_done_ || reading_)) refusal = Door::live_pipelined;
  if (refusal != Door::none) {
    refuse(exchange, refusal);
    return false;
  }
  const auto self = shared_from_this();
  state_ = State::handed_over;
  auto socket = std::make_shared<WebSocketSession>(thread_, std::move(stream_), std::move(ticket_),
                                                   std::move(listener));
  socket->accept(exchange.request());
  thread_.unlist(*this);
  exchange.mark_answered();
  drop_queue();
  return true;
}

bool Session::open_events(Exchange& exchange,
                          std::shared_ptr<LiveListener> listener,
                          std::uint32_t retry_ms) {
  if (!is_live()) {
    exchange.mark_answered();
    return false;
  }
  Door refusal = exchange.origin_allowed() ? Door::none : Door::origin_forbidden;
  if (refusal == Door::none && (&exchange != first_ || &exchange != last_)) {
    refusal = Door::live_pipelined;
  }
  if (refusal != Door::none) {
    refuse(exchange, refusal);
    return false;
  }
  const bool chunked = exchange.request().minor_version == 1;
  const std::array<HeaderField, 2> extra = {HeaderField{"Cache-Control", "no-store"},
                                            HeaderField{"X-Accel-Buffering", "no"}};
  ResponseHead head;
  head.content_type = "text/event-stream";
  head.delimiting = chunked ? Delimiting::chunks : Delimiting::close;
  head.close = true;
  head.extra = extra;
  std::string text;
  write_head(text, head, thread_.date());
  output_.append(text);

  no_more_requests_ = true;
  request_since_ms_ = -1;
  partial_.clear();
  const auto self = shared_from_this();
  exchange.mark_answered();
  thread_.counters().answers.add();
  if (exchange.request().method == Method::head) {
    close_when_written_ = true;
    advance();
    request_flush();
    return false;
  }
  drop_queue();
  events_ = std::make_shared<EventStream>(self, std::move(listener), chunked);
  events_->start(retry_ms);
  start_read();  // to notice when the client leaves
  return true;
}

void Session::send_event(std::string_view before, SharedText text, std::string_view after) {
  if (!is_live()) return;
  output_.append(before);
  output_.append_shared(std::move(text));
  output_.append(after);
  request_flush();
}

void Session::end_events(std::string_view last_bytes) {
  if (!is_live()) return;
  output_.append(last_bytes);
  close_when_written_ = true;
  request_flush();
}

}  // namespace stardrop::api::http
