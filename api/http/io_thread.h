// One event loop with its connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/http/connection.h"
#include "api/http/connection_limits.h"
#include "api/http/exchange_pool.h"
#include "api/http/handler.h"
#include "api/http/options.h"
#include "api/http/response_writer.h"
#include "api/http/stats.h"
#include "api/http/stream.h"

namespace stardrop::api::http {

/// An event loop on a thread of its own, and the connections that live on it.
///
/// Other threads use post() and post_all(); everything below the line belongs to the transport.
class IoThread {
 public:
  using Task = std::function<void()>;

  IoThread(std::size_t index, const ServerOptions& options, Handler& handler);
  ~IoThread();

  /// Runs `task` on this thread. Any thread; never blocks. Answers given by the tasks of one
  /// wake-up are written with one write per connection.
  void post(Task task);
  /// Runs a whole batch of tasks on this thread, with a single wake-up.
  void post_all(std::vector<Task> tasks);
  /// Whether the caller runs on this thread.
  bool is_current() const;
  /// 0 … ServerOptions::io_threads − 1; for per-thread state of the layer above.
  std::size_t index() const { return index_; }

  // ---- for the transport, on this thread unless said otherwise ----

  /// Starts the thread. Called once, by the server.
  void start();
  /// Closes what is idle and finishes the rest; any thread.
  void begin_drain();
  /// Closes everything that is left and ends the thread; any other thread.
  void stop();
  /// Connections listed; any thread.
  std::size_t open_connections() const { return open_.load(std::memory_order_acquire); }

  /// Takes over an accepted connection.
  void adopt(Socket socket, ConnectionTicket ticket, asio::ssl::context* tls);

  void enlist(Connection& connection);
  void unlist(Connection& connection);

  /// Remembers that `session` has something to write; done at the end of the current round of work.
  void flush_later(std::shared_ptr<Session> session);
  /// Handler::after_reads() will be called once this round's reads are through.
  void announce_reads();

  asio::io_context& context() { return context_; }
  Handler& handler() { return handler_; }
  const ServerOptions& options() const { return options_; }
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }
  const DateLine& date() const { return date_; }
  ExchangePool& exchanges() { return exchanges_; }
  bool draining() const { return draining_; }
  std::int64_t now_ms() const { return now_ms_; }
  std::int64_t refresh_now();
  /// Where every connection reads into; its content is dealt with before the next read.
  std::span<char> scratch() { return scratch_; }

  /// While one of these lives, sessions are flushed when the last of them ends.
  class Round {
   public:
    explicit Round(IoThread& thread) : thread_(thread) { ++thread_.round_depth_; }
    ~Round() {
      if (--thread_.round_depth_ == 0) thread_.flush();
    }
    Round(const Round&) = delete;
    Round& operator=(const Round&) = delete;

   private:
    IoThread& thread_;
  };

 private:
  void run();
  void run_posted();
  void tick();
  void sweep();
  void flush();

  const std::size_t index_;
  const ServerOptions& options_;
  Handler& handler_;
  Counters counters_;
  DateLine date_;
  ExchangePool exchanges_;
  std::vector<char> scratch_;
  std::vector<Connection*> connections_;
  std::vector<std::shared_ptr<Session>> dirty_;
  std::vector<std::shared_ptr<Session>> flushing_;
  int round_depth_ = 0;
  bool after_reads_announced_ = false;
  bool flush_announced_ = false;
  bool draining_ = false;
  std::int64_t now_ms_ = 0;
  std::atomic<std::size_t> open_{0};
  std::atomic<bool> ended_{false};

  std::mutex mutex_;
  std::vector<Task> posted_;   // guarded by mutex_
  std::vector<Task> running_;  // taken from posted_

  asio::io_context context_;
  asio::steady_timer timer_;
  std::atomic<std::thread::id> thread_id_{};
  std::thread thread_;
};

}  // namespace stardrop::api::http
