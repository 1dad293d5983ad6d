// The HTTP server: threads, listener, start and stop.
#include "api/http/server.h"

#include <thread>
#include <utility>
#include <variant>

#include <boost/asio/ssl/context.hpp>

#include "api/http/connection_limits.h"
#include "api/http/io_thread.h"
#include "api/http/listener.h"
#include "api/http/tls.h"
#include "base/check.h"

namespace stardrop::api::http {

/// What exists between start and stop.
class Server::Running {
 public:
  Running(const ServerOptions& options, Handler& handler)
      : limits(options.connections_max,
               options.connections_per_address_max,
               options.trusted_proxies) {
    for (std::size_t i = 0; i < options.io_threads; ++i) {
      threads.push_back(std::make_unique<IoThread>(i, options, handler));
    }
  }

  bool all_closed() const {
    for (const auto& thread : threads) {
      if (thread->open_connections() > 0) return false;
    }
    return true;
  }

  ConnectionLimits limits;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::unique_ptr<IoThread>> threads;
  std::unique_ptr<Listener> listener;
  bool stopped = false;
};

Server::Server(ServerOptions options, Handler& handler)
    : options_(std::move(options)), handler_(handler) {
  STARDROP_ASSERT(options_.clock != nullptr, "the server is given a clock");
  STARDROP_ASSERT(options_.io_threads > 0, "the server has at least one thread");
}

Server::~Server() {
  if (running_) stop(std::chrono::milliseconds(0));
}

std::optional<std::string> Server::start() {
  STARDROP_ASSERT(!running_, "a server is started once");
  auto running = std::make_unique<Running>(options_, handler_);
  if (options_.tls) {
    auto context = make_tls_context(*options_.tls);
    if (auto* reason = std::get_if<std::string>(&context)) return std::move(*reason);
    running->tls = std::move(std::get<0>(context));
  }
  running->listener =
      std::make_unique<Listener>(running->threads, running->limits, running->tls.get());
  if (auto reason = running->listener->open()) return reason;
  running_ = std::move(running);
  running_->listener->start();
  for (const auto& thread : running_->threads) thread->start();
  return std::nullopt;
}

std::uint16_t Server::port() const { return running_ ? running_->listener->port() : 0; }

bool Server::stop(std::chrono::milliseconds deadline) {
  if (!running_ || running_->stopped) return true;
  running_->stopped = true;
  const auto until = std::chrono::steady_clock::now() + deadline;
  running_->threads.front()->post([listener = running_->listener.get()] { listener->close(); });
  for (const auto& thread : running_->threads) thread->begin_drain();
  bool all_closed = running_->all_closed();
  while (!all_closed && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    all_closed = running_->all_closed();
  }
  for (const auto& thread : running_->threads) thread->stop();
  return all_closed;
}

Stats Server::stats() const {
  Stats total;
  if (!running_) return total;
  for (const auto& thread : running_->threads) thread->counters().add_to(total);
  return total;
}

std::size_t Server::threads() const { return running_ ? running_->threads.size() : 0; }

IoThread& Server::thread(std::size_t index) { return *running_->threads[index]; }

}  // namespace stardrop::api::http
