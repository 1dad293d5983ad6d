// One request that waits for its one answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "api/http/door.h"
#include "api/http/live.h"
#include "api/http/output_buffer.h"
#include "api/http/request.h"
#include "api/http/request_head.h"

namespace stardrop::api::http {

class ExchangePtr;
class IoThread;
class Session;

/// A request and the place where its answer goes. Reached through ExchangePtr.
///
/// The request may be read from any thread that holds a handle. Answering (`reply`, `refuse`,
/// `accept_websocket`, `open_events`) happens exactly once and only on thread(); elsewhere, post
/// there. If the client has gone meanwhile, the answer is dropped silently. If the last handle goes
/// away without an answer, the client gets a 500.
class Exchange {
 public:
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const Request& request() const { return request_; }
  IoThread& thread() const { return thread_; }
  bool answered() const { return answered_; }

  /// Answers. A HEAD request gets the same head and no body.
  /// `extra` are further header lines; a CR, LF or NUL in them is sent as a blank.
  void reply(unsigned status,
             std::string_view content_type,
             std::string body,
             std::span<const HeaderField> extra = {});

  /// Answers with a refusal of the door's table, and closes the connection after it.
  void refuse(Door refusal);

  /// The connection is closed after this answer. To be called before it.
  void close_after() { close_after_ = true; }

  /// Whether a browser page of the request's origin may open a live stream: no Origin header (not a
  /// browser), our own host, or one of ServerOptions::allowed_origins.
  bool origin_allowed() const;

  /// Makes the connection a WebSocket, or answers 400, 403 or 426 itself and returns false.
  bool accept_websocket(std::shared_ptr<LiveListener> listener);

  /// Answers with an endless `text/event-stream`, or refuses (400, 403) itself and returns false.
  /// `retry_ms` tells the browser how long to wait before it reconnects.
  bool open_events(std::shared_ptr<LiveListener> listener, std::uint32_t retry_ms = 2000);

 private:
  friend class ExchangePool;
  friend class ExchangePtr;
  friend class IoThread;
  friend class Session;

  explicit Exchange(IoThread& thread) : thread_(thread) {}
  ~Exchange() = default;

  void mark_answered();
  void release_handle();
  void handles_gone();

  IoThread& thread_;
  std::shared_ptr<Session> session_;
  Request request_;
  std::string storage_;    // the bytes that request_ points into
  OutputBuffer response_;  // the answer, while earlier ones are still missing
  Exchange* next_ = nullptr;
  std::atomic<std::uint32_t> handles_{0};
  bool answered_ = false;
  bool close_after_ = false;
  bool in_session_ = false;  // still in the session's queue
  bool released_ = false;    // no handle is left; set on thread_ only
};

/// A counted handle of an Exchange; may be copied, moved and dropped on any thread, but not after
/// the server is destroyed.
class ExchangePtr {
 public:
  ExchangePtr() = default;
  explicit ExchangePtr(Exchange* exchange) : exchange_(exchange) { retain(); }
  ExchangePtr(const ExchangePtr& other) : exchange_(other.exchange_) { retain(); }
  ExchangePtr(ExchangePtr&& other) noexcept : exchange_(std::exchange(other.exchange_, nullptr)) {}
  ExchangePtr& operator=(ExchangePtr other) noexcept {
    std::swap(exchange_, other.exchange_);
    return *this;
  }
  ~ExchangePtr() { reset(); }

  Exchange* operator->() const { return exchange_; }
  Exchange& operator*() const { return *exchange_; }
  explicit operator bool() const { return exchange_ != nullptr; }

  void reset() {
    Exchange* const exchange = std::exchange(exchange_, nullptr);
    if (exchange != nullptr && exchange->handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      exchange->release_handle();
    }
  }

 private:
  void retain() {
    if (exchange_ != nullptr) exchange_->handles_.fetch_add(1, std::memory_order_relaxed);
  }

  Exchange* exchange_ = nullptr;
};

}  // namespace stardrop::api::http
