// A server on loopback with a small handler to test against.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/http/handler.h"
#include "api/http/io_thread.h"
#include "api/http/server.h"
#include "base/time.h"

namespace stardrop::api::http::test {

/// Remembers what channels told it, and lets the test wait for it.
class RecordingListener final : public LiveListener {
 public:
  void on_open(const LivePtr& channel) override;
  void on_message(const LivePtr& channel, std::string_view text) override;
  void on_close(const LivePtr& channel, std::uint16_t code) override;

  /// Blocks until `count` channels were opened; returns them all.
  std::vector<LivePtr> wait_open(std::size_t count);
  /// Blocks until `count` channels were closed; returns their codes in order.
  std::vector<std::uint16_t> wait_closed(std::size_t count);
  std::vector<std::string> messages();
  void forget();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LivePtr> opened_;
  std::vector<std::uint16_t> closed_;
  std::vector<std::string> messages_;
};

/// Answers by path:
///   /hold      when release() is called            /drop    never: drops its handle
///   /bytes     body of as many bytes as ?N says    /status  with the status after `?`, an empty
///   body /ws        a WebSocket (echoes)                /events  an event stream /fields method,
///   target, body and remote address, one a line other      200 with the request's body
class TestHandler final : public Handler {
 public:
  void handle(ExchangePtr exchange) override;
  void after_reads(IoThread& thread) override;

  /// Blocks until `count` requests are held.
  void wait_held(std::size_t count);
  /// Hands out the held requests.
  std::vector<ExchangePtr> take_held();
  /// Answers the held requests in the order given by `order` (indices); all in one batch.
  void release(const std::vector<std::size_t>& order);
  std::size_t groups();

  RecordingListener& live() { return *listener_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ExchangePtr> held_;
  std::size_t groups_ = 0;
  std::shared_ptr<RecordingListener> listener_ = std::make_shared<RecordingListener>();
};

/// A running server with that handler; stopped when it goes.
class TestServer {
 public:
  /// `change` adjusts the options, which start out quick to sweep and otherwise as they are.
  explicit TestServer(const std::function<void(ServerOptions&)>& change = {});
  ~TestServer();

  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  TestHandler& handler() { return handler_; }
  Stats stats() const { return server_->stats(); }
  std::uint64_t refusals(Door door) const {
    return stats().refusals[static_cast<std::size_t>(door)];
  }
  /// Runs `task` on the first IoThread and waits for it.
  void run_there(const std::function<void()>& task);
  ManualClock& clock() { return clock_; }

 private:
  ManualClock clock_{Instant{784'111'777'000'000}};  // Sun, 06 Nov 1994 08:49:37 GMT
  TestHandler handler_;
  std::unique_ptr<Server> server_;
};

}  // namespace stardrop::api::http::test
