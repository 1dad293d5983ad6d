// The writing half of Session: answers in order, gathered into few writes; and the end of the
// connection.
#include <utility>

#include "api/http/io_thread.h"
#include "api/http/session.h"
#include "base/check.h"

namespace stardrop::api::http {

void Session::enqueue(Exchange& exchange) {
  exchange.session_ = shared_from_this();
  exchange.in_session_ = true;
  (last_ != nullptr ? last_->next_ : first_) = &exchange;
  last_ = &exchange;
  ++in_flight_;
}

bool Session::says_close(const Exchange& exchange) const {
  return exchange.close_after_ || !exchange.request_.keep_alive || thread_.draining();
}

void Session::reply(Exchange& exchange,
                    unsigned status,
                    std::string_view content_type,
                    std::string body,
                    std::span<const HeaderField> extra) {
  STARDROP_ASSERT(!exchange.answered_, "a request is answered once");
  const auto self = shared_from_this();
  exchange.close_after_ = says_close(exchange);
  if (state_ == State::open) {
    const Request& request = exchange.request_;
    const bool bodiless = status == 204 || status == 304;
    ResponseHead head;
    head.status = status;
    if (!bodiless) head.content_type = content_type;
    head.delimiting = bodiless ? Delimiting::none : Delimiting::length;
    head.content_length = body.size();
    head.close = exchange.close_after_;
    head.keep_alive_1_0 = request.minor_version == 0;
    head.extra = extra;
    // The oldest request's answer can go straight out; another waits in its exchange.
    OutputBuffer& out = &exchange == first_ ? output_ : exchange.response_;
    std::string& tail = out.tail();
    const std::size_t before = tail.size();
    write_head(tail, head, thread_.date());
    out.tail_grown(tail.size() - before);
    if (!bodiless && request.method != Method::head) out.append_body(std::move(body));
    thread_.counters().answers.add();
  }
  exchange.mark_answered();
  if (&exchange == first_) advance();
  request_flush();
}

void Session::refuse_at_door(Door refusal) {
  no_more_requests_ = true;
  request_since_ms_ = -1;
  Exchange* const exchange = thread_.exchanges().take();
  exchange->request_.method = Method::get;
  exchange->request_.minor_version = 1;
  exchange->request_.keep_alive = false;
  enqueue(*exchange);
  // The handle keeps the exchange until its answer is written down; no one else ever sees it.
  const ExchangePtr handle(exchange);
  refuse(*exchange, refusal);
}

void Session::advance() {
  while (first_ != nullptr && first_->answered_) {
    Exchange* const exchange = first_;
    first_ = exchange->next_;
    if (first_ == nullptr) last_ = nullptr;
    exchange->next_ = nullptr;
    --in_flight_;
    output_.append_all(exchange->response_);
    if (exchange->close_after_) {
      no_more_requests_ = true;
      close_when_written_ = true;
    }
    upgrade_in_flight_ = false;
    exchange->in_session_ = false;
    if (exchange->released_) thread_.exchanges().give_back(exchange);
    if (close_when_written_) return drop_queue();  // nothing may follow a closing answer
  }
}

/// Forgets the requests in flight; those who hold handles may still answer, into nothing.
void Session::drop_queue() {
  while (first_ != nullptr) {
    Exchange* const exchange = first_;
    first_ = exchange->next_;
    exchange->next_ = nullptr;
    exchange->in_session_ = false;
    if (exchange->released_) thread_.exchanges().give_back(exchange);
  }
  last_ = nullptr;
  in_flight_ = 0;
}

void Session::request_flush() {
  if (flush_asked_ || !is_live()) return;
  flush_asked_ = true;
  thread_.flush_later(shared_from_this());
}

void Session::flush() {
  flush_asked_ = false;
  if (!is_live()) return;
  if (output_.empty()) return when_written();
  if (writing_) return;
  if (stream_.is_tls()) {
    write_tls();
  } else {
    write_plain();
  }
}

void Session::write_plain() {
  while (!output_.empty()) {
    error_code error;
    const std::size_t count = stream_.socket().write_some(output_.gather(), error);
    if (error == asio::error::would_block) break;
    if (error) return close();
    output_.consume(count);
    after_write(count);
  }
  if (output_.empty()) return when_written();
  if (stall_since_ms_ < 0) {
    stall_since_ms_ = thread_.now_ms();
    written_at_stall_ = written_;
  }
  writing_ = true;
  stream_.socket().async_wait(Socket::wait_write,
                              [self = shared_from_this()](const error_code& error) {
                                self->writing_ = false;
                                if (error || !self->is_live()) return;
                                self->thread_.refresh_now();
                                const IoThread::Round round(self->thread_);
                                self->write_plain();
                              });
}

void Session::write_tls() {
  if (stall_since_ms_ < 0) {
    stall_since_ms_ = thread_.now_ms();
    written_at_stall_ = written_;
  }
  writing_ = true;
  if (in_write_.empty()) std::swap(output_, in_write_);
  stream_.tls().async_write_some(
      in_write_.gather(), [self = shared_from_this()](const error_code& error, std::size_t count) {
        self->writing_ = false;
        if (self->state_ == State::closed) return;
        if (error) return self->close();
        self->thread_.refresh_now();
        const IoThread::Round round(self->thread_);
        self->in_write_.consume(count);
        self->after_write(count);
        if (!self->is_live()) return;
        if (self->output_bytes() > 0) return self->write_tls();
        self->when_written();
      });
}

void Session::after_write(std::size_t count) {
  written_ += count;
  active_ms_ = thread_.now_ms();
  thread_.counters().bytes_sent.add(count);
}

void Session::when_written() {
  if (output_bytes() > 0) return;
  stall_since_ms_ = -1;
  if (close_when_written_) return linger();
  if (client_done_ && in_flight_ == 0) return close();
  if (thread_.draining() && in_flight_ == 0 && partial_.empty() && !events_) return close();
  if (taking_ || no_more_requests_ || events_) return;
  // Requests that waited for room, or for an interim answer, go on now.
  if (may_take_more() && !reading_) {
    if (!partial_.empty()) {
      const IoThread::Round round(thread_);
      consume({});
    }
    resume_reading();
  } else {
    send_continue_if_due();
  }
}

void Session::check_write_progress(std::int64_t now_ms) {
  const TimeoutOptions& timeouts = thread_.options().timeouts;
  if (stall_since_ms_ < 0 || now_ms - stall_since_ms_ < timeouts.write_stall_ms) return;
  if (written_ - written_at_stall_ >= timeouts.write_progress_bytes) {
    stall_since_ms_ = now_ms;
    written_at_stall_ = written_;
    return;
  }
  thread_.counters().write_stalls.add();
  if (events_) thread_.counters().slow_watchers_dropped.add();
  close();
}

/// Closes our end only and reads on for a moment: closing with unread bytes would reset the
/// connection and take the last answer with it (RFC 9112 9.6).
void Session::linger() {
  if (client_done_ || events_) return close();
  state_ = State::lingering;
  linger_until_ms_ = thread_.now_ms() + thread_.options().timeouts.linger_ms;
  drop_queue();
  if (stream_.is_tls()) {
    stream_.tls().async_shutdown([self = shared_from_this()](const error_code&) { self->close(); });
    return;
  }
  error_code ignored;
  stream_.socket().shutdown(Socket::shutdown_send, ignored);
  start_read();
}

void Session::close() {
  if (state_ == State::closed || state_ == State::handed_over) return;
  const auto self = shared_from_this();
  state_ = State::closed;
  stream_.close();
  output_.clear();
  partial_ = std::string();
  drop_queue();
  thread_.unlist(*this);
  ticket_ = ConnectionTicket();
  thread_.counters().connections_closed.add();
  if (events_) std::exchange(events_, nullptr)->closed(kCloseAbnormal);
}

}  // namespace stardrop::api::http
