// Accepts connections and spreads them over the IoThreads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/http/connection_limits.h"
#include "api/http/stream.h"

namespace stardrop::api::http {

class IoThread;

/// The listening socket. Runs on the first IoThread.
class Listener {
 public:
  Listener(std::vector<std::unique_ptr<IoThread>>& threads,
           ConnectionLimits& limits,
           asio::ssl::context* tls);

  /// Binds and listens; before the threads run. Nothing on success, else one sentence.
  std::optional<std::string> open();
  std::uint16_t port() const { return port_; }
  /// Accepts from now on.
  void start() { accept(); }
  /// Stops accepting; on the first IoThread.
  void close();

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

  void accept();
  void on_accept(const error_code& error, Socket socket, IoThread& target);
  void pause();

  std::vector<std::unique_ptr<IoThread>>& threads_;
  ConnectionLimits& limits_;
  asio::ssl::context* const tls_;
  Acceptor acceptor_;
  asio::steady_timer pause_timer_;
  std::size_t next_ = 0;
  std::uint16_t port_ = 0;
};

}  // namespace stardrop::api::http
