// One request that waits for its one answer.
#include "api/http/exchange.h"

#include "api/http/io_thread.h"
#include "api/http/origin.h"
#include "api/http/session.h"
#include "base/check.h"

namespace stardrop::api::http {

void Exchange::reply(unsigned status,
                     std::string_view content_type,
                     std::string body,
                     std::span<const HeaderField> extra) {
  STARDROP_ASSERT(thread_.is_current(), "a request is answered on its own thread");
  session_->reply(*this, status, content_type, std::move(body), extra);
}

void Exchange::refuse(Door refusal) {
  STARDROP_ASSERT(thread_.is_current(), "a request is answered on its own thread");
  session_->refuse(*this, refusal);
}

bool Exchange::origin_allowed() const {
  return is_origin_allowed(request_, thread_.options().allowed_origins);
}

bool Exchange::accept_websocket(std::shared_ptr<LiveListener> listener) {
  STARDROP_ASSERT(thread_.is_current() && !answered_,
                  "a request is answered once, on its own thread");
  return session_->accept_websocket(*this, std::move(listener));
}

bool Exchange::open_events(std::shared_ptr<LiveListener> listener, std::uint32_t retry_ms) {
  STARDROP_ASSERT(thread_.is_current() && !answered_,
                  "a request is answered once, on its own thread");
  return session_->open_events(*this, std::move(listener), retry_ms);
}

void Exchange::mark_answered() { answered_ = true; }

void Exchange::release_handle() {
  if (thread_.is_current()) {
    handles_gone();
  } else {
    thread_.post([this] { handles_gone(); });
  }
}

void Exchange::handles_gone() {
  // Kept from being given back while the answer below is written.
  if (!answered_) refuse(Door::unanswered);
  released_ = true;
  if (!in_session_) thread_.exchanges().give_back(this);
}

}  // namespace stardrop::api::http
