// Server-sent events on an HTTP connection.
#include "api/http/event_stream.h"

#include <array>
#include <charconv>
#include <utility>

#include "api/http/io_thread.h"
#include "api/http/session.h"

namespace stardrop::api::http {

std::string event_text(std::string_view id, std::string_view event, std::string_view data) {
  std::string text;
  text.reserve(id.size() + event.size() + data.size() + 32);
  if (!id.empty()) text.append("id: ").append(id).append("\n");
  if (!event.empty()) text.append("event: ").append(event).append("\n");
  while (true) {
    const std::size_t end = data.find('\n');
    text.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  text += '\n';
  return text;
}

EventStream::EventStream(std::weak_ptr<Session> session,
                         std::shared_ptr<LiveListener> listener,
                         bool chunked)
    : session_(std::move(session)),
      listener_(std::move(listener)),
      thread_(session_.lock()->thread()),
      chunked_(chunked) {}

void EventStream::start(std::uint32_t retry_ms) {
  thread_.counters().event_streams_opened.add();
  put(std::make_shared<const std::string>("retry: " + std::to_string(retry_ms) + "\n\n"));
  listener_->on_open(shared_from_this());
}

void EventStream::ping() {
  static const SharedText comment = std::make_shared<const std::string>(":\n\n");
  put(comment);
}

void EventStream::put(SharedText text) {
  const auto session = session_.lock();
  if (!session) return;
  if (!chunked_) return session->send_event("", std::move(text), "");
  std::array<char, 20> size;
  char* end = std::to_chars(size.data(), size.data() + size.size() - 2, text->size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  const auto length = static_cast<std::size_t>(end - size.data());
  session->send_event({size.data(), length}, std::move(text), "\r\n");
}

bool EventStream::send(SharedText text) {
  const auto session = session_.lock();
  if (!open_ || !session) return false;
  if (text->empty()) return true;  // an empty chunk would end the stream
  if (session->output_bytes() + text->size() > thread_.options().output_buffer_max) {
    thread_.counters().slow_watchers_dropped.add();
    finish(kCloseTryLater);
    session->abort();  // cut off in the middle: the browser reconnects with its Last-Event-ID
    return false;
  }
  put(std::move(text));
  return true;
}

void EventStream::close(std::uint16_t code, std::string_view) {
  const auto session = session_.lock();
  if (!open_ || !session) return;
  session->end_events(chunked_ ? "0\r\n\r\n" : "");
  finish(code);
}

void EventStream::closed(std::uint16_t code) { finish(code); }

void EventStream::finish(std::uint16_t code) {
  if (!open_) return;
  open_ = false;
  thread_.counters().event_streams_closed.add();
  const auto self = shared_from_this();
  std::exchange(listener_, nullptr)->on_close(self, code);
}

std::size_t EventStream::queued_bytes() const {
  const auto session = session_.lock();
  return session ? session->output_bytes() : 0;
}

}  // namespace stardrop::api::http
