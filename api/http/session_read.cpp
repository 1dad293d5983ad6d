// The reading half of Session: bytes in, requests out to the handler.
#include <algorithm>
#include <utility>

#include <boost/asio/ssl/error.hpp>

#include "api/http/io_thread.h"
#include "api/http/request_parser.h"
#include "api/http/session.h"

namespace stardrop::api::http {
namespace {

constexpr std::size_t kPlainReadBytes = 2 * 1024;        // most requests, of ten thousand at once
constexpr std::size_t kTlsReadBytes = 16 * 1024;         // one TLS record
constexpr std::size_t kLingerBytesMax = 1024 * 1024;     // thrown away after a refusal, at most
constexpr std::size_t kPartialCapacityKept = 16 * 1024;  // what an idle connection may hold on to
constexpr int kReadsPerRoundMax = 4;                     // full reads before others get their turn

}  // namespace

void Session::shake_hands() {
  stream_.tls().async_handshake(asio::ssl::stream_base::server,
                                [self = shared_from_this()](const error_code& error) {
                                  if (self->state_ != State::handshaking) return;
                                  self->active_ms_ = self->thread_.refresh_now();
                                  if (error) {
                                    self->thread_.counters().tls_failures.add();
                                    return self->close();
                                  }
                                  self->state_ = State::open;
                                  self->start_read();
                                });
}

void Session::start_read() {
  if (reading_ || client_done_ || (state_ != State::open && state_ != State::lingering)) return;
  reading_ = true;
  // A buffer of its own lets one call read most requests. To wait and then read costs two: the wait
  // has to arm the socket again each time.
  input_.resize(stream_.is_tls() ? kTlsReadBytes : kPlainReadBytes);
  auto done = [self = shared_from_this()](const error_code& error, std::size_t count) {
    self->on_read(error, count);
  };
  if (stream_.is_tls()) {
    stream_.tls().async_read_some(asio::buffer(input_), std::move(done));
  } else {
    stream_.socket().async_read_some(asio::buffer(input_), std::move(done));
  }
}

void Session::on_read(const error_code& error, std::size_t count) {
  reading_ = false;
  if (state_ == State::closed) return;
  thread_.refresh_now();
  if (error) {
    const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    return ended ? on_end_of_stream() : close();
  }
  on_bytes({input_.data(), count});
  if (!stream_.is_tls() && count == input_.size() && !read_the_rest()) return;
  resume_reading();
}

bool Session::read_the_rest() {
  const auto scratch = thread_.scratch();
  for (int i = 0; i < kReadsPerRoundMax; ++i) {
    if (state_ != State::lingering && !(state_ == State::open && may_take_more())) break;
    error_code failed;
    const std::size_t count =
        stream_.socket().read_some(asio::buffer(scratch.data(), scratch.size()), failed);
    if (failed == asio::error::would_block || failed == asio::error::interrupted) break;
    if (failed) {
      failed == asio::error::eof ? on_end_of_stream() : close();
      return false;
    }
    on_bytes({scratch.data(), count});
    if (count < scratch.size()) break;
  }
  return true;
}

void Session::resume_reading() {
  if (state_ == State::lingering || events_ ||
      (is_live() && !no_more_requests_ && may_take_more())) {
    start_read();
  }
}

void Session::on_bytes(std::string_view bytes) {
  active_ms_ = thread_.now_ms();
  thread_.counters().bytes_received.add(bytes.size());
  if (state_ == State::lingering) {
    lingered_bytes_ += bytes.size();
    if (lingered_bytes_ > kLingerBytesMax) close();
    return;
  }
  if (!is_live() || no_more_requests_) return;  // behind the last request: nobody reads this
  consume(bytes);
}

void Session::on_end_of_stream() {
  client_done_ = true;
  if (state_ == State::lingering || events_) return close();
  no_more_requests_ = true;
  request_since_ms_ = -1;
  // What was asked before is still answered: a client may close its end and listen on.
  if (in_flight_ == 0 && output_bytes() == 0) close();
}

void Session::consume(std::string_view bytes) {
  if (taking_) return;
  taking_ = true;
  const auto self = shared_from_this();
  if (partial_.empty()) {
    const std::size_t used = take_requests(bytes);
    if (is_live()) keep_rest(bytes, used);
  } else {
    partial_.append(bytes);
    const std::size_t used = take_requests(partial_);
    if (is_live() && used > 0) partial_.erase(0, used);
    if (partial_.empty() && partial_.capacity() > kPartialCapacityKept) partial_.shrink_to_fit();
  }
  taking_ = false;
  if (!is_live()) return;
  if (no_more_requests_) {
    partial_.clear();
    request_since_ms_ = -1;
    return;
  }
  // The clock of a request runs only while it is the client who keeps us waiting.
  const bool waiting = !partial_.empty() && may_take_more();
  if (!waiting) request_since_ms_ = -1;
  if (waiting && request_since_ms_ < 0) request_since_ms_ = thread_.now_ms();
  send_continue_if_due();
}

void Session::keep_rest(std::string_view bytes, std::size_t used) {
  partial_.assign(bytes.substr(used));
}

bool Session::may_take_more() const {
  const ServerOptions& options = thread_.options();
  return !no_more_requests_ && !upgrade_in_flight_ && !events_ &&
         in_flight_ < options.pipeline_depth_max && output_bytes() < options.output_buffer_max;
}

std::size_t Session::take_requests(std::string_view bytes) {
  std::size_t used = 0;
  while (is_live() && may_take_more() && used < bytes.size()) {
    const std::string_view rest = bytes.substr(used);
    const RequestFramer::Step step = framer_.look(rest);
    if (step == RequestFramer::Step::need_more) break;
    if (step == RequestFramer::Step::refused) {
      refuse_at_door(framer_.refusal());
      break;
    }
    const std::size_t size = framer_.message_bytes();
    used += size;
    bytes_behind_ = bytes.size() - used;
    // A large body that fills the buffer alone is handed over, not copied.
    const bool whole = rest.data() == partial_.data() && size == partial_.size();
    take_request(rest.substr(0, size), whole ? &partial_ : nullptr);
    if (whole) return 0;
  }
  return used;
}

void Session::take_request(std::string_view message, std::string* whole_buffer) {
  Exchange* const exchange = thread_.exchanges().take();
  if (whole_buffer != nullptr && message.size() > kPartialCapacityKept) {
    exchange->storage_ = std::move(*whole_buffer);
    whole_buffer->clear();
  } else {
    exchange->storage_.assign(message);
    if (whole_buffer != nullptr) whole_buffer->clear();
  }
  const RequestHead head = framer_.head();
  framer_.next_request();
  continue_sent_ = false;
  request_since_ms_ = -1;

  Request& request = exchange->request_;
  if (!parse_request(exchange->storage_, head, request)) {
    thread_.exchanges().give_back(exchange);
    refuse_at_door(Door::parser_disagrees);
    return;
  }
  request.remote_address = remote_address_;
  request.tls = stream_.is_tls();
  if (!request.keep_alive) no_more_requests_ = true;
  if (head.wants_websocket) upgrade_in_flight_ = true;
  enqueue(*exchange);
  thread_.counters().requests.add();
  thread_.announce_reads();
  thread_.handler().handle(ExchangePtr(exchange));
}

void Session::send_continue_if_due() {
  const bool due = framer_.head_complete() && framer_.head().expects_continue && !continue_sent_;
  // An interim answer must not overtake the answers of earlier requests.
  if (!due || partial_.empty() || in_flight_ > 0 || !may_take_more()) return;
  continue_sent_ = true;
  output_.append("HTTP/1.1 100 Continue\r\n\r\n");
  request_flush();
}

}  // namespace stardrop::api::http
