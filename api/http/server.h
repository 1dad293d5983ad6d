// The HTTP server: threads, listener, start and stop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/handler.h"
#include "api/http/options.h"
#include "api/http/stats.h"

namespace stardrop::api::http {

class IoThread;

/// Serves HTTP/1.1, WebSocket and event streams on one port. Start and stop it from one thread.
///
/// Every ExchangePtr and LivePtr must be gone before the server is destroyed.
class Server {
 public:
  /// `handler` must outlive the server.
  Server(ServerOptions options, Handler& handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Listens and serves. Nothing on success, else one sentence saying what is wrong; then nothing
  /// runs.
  [[nodiscard]] std::optional<std::string> start();

  /// The port it listens on, once started.
  std::uint16_t port() const;

  /// Stops accepting, answers what is in flight with `Connection: close`, closes what is idle,
  /// closes WebSockets with 1001, and returns when all is closed (true) or at the deadline (false:
  /// the rest was cut).
  bool stop(std::chrono::milliseconds deadline);

  /// The counters; any thread.
  Stats stats() const;

  std::size_t threads() const;
  IoThread& thread(std::size_t index);

 private:
  class Running;

  const ServerOptions options_;
  Handler& handler_;
  std::unique_ptr<Running> running_;
};

}  // namespace stardrop::api::http
