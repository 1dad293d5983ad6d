// Accepts connections and spreads them over the IoThreads.
#include "api/http/listener.h"

#include <chrono>
#include <memory>
#include <utility>

#include "api/http/io_thread.h"

namespace stardrop::api::http {

Listener::Listener(std::vector<std::unique_ptr<IoThread>>& threads,
                   ConnectionLimits& limits,
                   asio::ssl::context* tls)
    : threads_(threads),
      limits_(limits),
      tls_(tls),
      acceptor_(threads.front()->context()),
      pause_timer_(threads.front()->context()) {}

std::optional<std::string> Listener::open() {
  const ServerOptions& options = threads_.front()->options();
  error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return "the address " + options.address + " is not a numeric IP address";
  const asio::ip::tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(options.accept_backlog, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error) {
    return "cannot listen on " + options.address + ":" + std::to_string(options.port) + ": " +
           error.message();
  }
  return std::nullopt;
}

void Listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_timer_.cancel();
}

void Listener::accept() {
  IoThread& target = *threads_[next_++ % threads_.size()];
  // The socket is made for the thread it will live on.
  acceptor_.async_accept(target.context(), [this, &target](const error_code& error, Socket socket) {
    on_accept(error, std::move(socket), target);
  });
}

void Listener::on_accept(const error_code& error, Socket socket, IoThread& target) {
  if (!acceptor_.is_open()) return;
  Counters& counters = threads_.front()->counters();
  if (error) {
    counters.accept_failures.add();
    // Out of descriptors or memory: accepting again at once would only spin.
    return error == asio::error::connection_aborted ? accept() : pause();
  }
  error_code failed;
  const auto peer = socket.remote_endpoint(failed);
  ConnectionTicket ticket = failed ? ConnectionTicket() : limits_.take(peer.address());
  if (!ticket) {
    counters.connections_refused.add();
    socket.close(failed);
  } else if (&target == threads_.front().get()) {
    target.adopt(std::move(socket), std::move(ticket), tls_);
  } else {
    // A task must be copyable, a socket is not.
    auto parcel =
        std::make_shared<std::pair<Socket, ConnectionTicket>>(std::move(socket), std::move(ticket));
    target.post([&target, tls = tls_, parcel] {
      target.adopt(std::move(parcel->first), std::move(parcel->second), tls);
    });
  }
  accept();
}

void Listener::pause() {
  pause_timer_.expires_after(
      std::chrono::milliseconds(threads_.front()->options().timeouts.accept_pause_ms));
  pause_timer_.async_wait([this](const error_code& error) {
    if (!error && acceptor_.is_open()) accept();
  });
}

}  // namespace stardrop::api::http
