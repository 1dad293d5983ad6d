// One event loop with its connections.
#include "api/http/io_thread.h"

#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>
#include <pthread.h>

#include "api/http/session.h"

namespace stardrop::api::http {
namespace {

constexpr std::size_t kScratchBytes = 64 * 1024;

std::int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

IoThread::IoThread(std::size_t index, const ServerOptions& options, Handler& handler)
    : index_(index),
      options_(options),
      handler_(handler),
      exchanges_(*this),
      scratch_(kScratchBytes),
      now_ms_(steady_ms()),
      context_(1),
      timer_(context_) {
  date_.set(options_.clock->now().us / 1'000'000);
}

IoThread::~IoThread() { stop(); }

void IoThread::start() {
  tick();
  thread_ = std::thread([this] { run(); });
}

void IoThread::run() {
  pthread_setname_np(pthread_self(), "http");  // for top, perf and debuggers
  thread_id_.store(std::this_thread::get_id(), std::memory_order_release);
  const auto work = asio::make_work_guard(context_);
  context_.run();
}

void IoThread::stop() {
  if (!thread_.joinable()) {
    ended_.store(true, std::memory_order_release);
    return;
  }
  post([this] {
    for (std::size_t i = connections_.size(); i-- > 0;) {
      if (i < connections_.size()) connections_[i]->abort();
    }
    timer_.cancel();
    context_.stop();
  });
  thread_.join();
  ended_.store(true, std::memory_order_release);
}

bool IoThread::is_current() const {
  return thread_id_.load(std::memory_order_acquire) == std::this_thread::get_id() ||
         ended_.load(std::memory_order_acquire);
}

void IoThread::post(Task task) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (wake) asio::post(context_, [this] { run_posted(); });
}

void IoThread::post_all(std::vector<Task> tasks) {
  if (tasks.empty()) return;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    wake = posted_.empty();
    if (wake) {
      posted_.swap(tasks);
    } else {
      for (Task& task : tasks) posted_.push_back(std::move(task));
    }
  }
  if (wake) asio::post(context_, [this] { run_posted(); });
}

void IoThread::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
  }
  refresh_now();
  const Round round(*this);
  for (Task& task : running_) {
    task();
    task = nullptr;  // what it holds goes now, within the round
  }
  running_.clear();
}

void IoThread::begin_drain() {
  post([this] {
    draining_ = true;
    for (std::size_t i = connections_.size(); i-- > 0;) {
      if (i < connections_.size()) connections_[i]->drain();
    }
  });
}

void IoThread::adopt(Socket socket, ConnectionTicket ticket, asio::ssl::context* tls) {
  refresh_now();
  counters_.connections_accepted.add();
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (!error) socket.set_option(asio::ip::tcp::no_delay(true), error);
  if (!error) socket.non_blocking(true, error);
  if (error || draining_) {
    counters_.connections_closed.add();
    return;
  }
  Stream stream = tls != nullptr ? Stream(std::move(socket), *tls) : Stream(std::move(socket));
  std::make_shared<Session>(*this, std::move(stream), std::move(ticket), peer.address().to_string())
      ->start();
}

void IoThread::enlist(Connection& connection) {
  connection.list_index_ = connections_.size();
  connections_.push_back(&connection);
  open_.store(connections_.size(), std::memory_order_release);
}

void IoThread::unlist(Connection& connection) {
  const std::size_t index = std::exchange(connection.list_index_, Connection::kUnlisted);
  if (index == Connection::kUnlisted) return;
  connections_[index] = connections_.back();
  connections_[index]->list_index_ = index;
  connections_.pop_back();
  connection.list_index_ = Connection::kUnlisted;
  open_.store(connections_.size(), std::memory_order_release);
}

void IoThread::flush_later(std::shared_ptr<Session> session) {
  dirty_.push_back(std::move(session));
  if (round_depth_ > 0 || flush_announced_) return;
  flush_announced_ = true;
  asio::post(context_, [this] {
    flush_announced_ = false;
    flush();
  });
}

void IoThread::flush() {
  // A session that is flushed may take further requests, whose answers are flushed by the loop
  // below.
  if (!flushing_.empty()) return;
  while (!dirty_.empty()) {
    flushing_.swap(dirty_);
    for (const auto& session : flushing_) session->flush();
    flushing_.clear();
  }
}

void IoThread::announce_reads() {
  if (std::exchange(after_reads_announced_, true)) return;
  // Behind all connections that this turn of the event loop found readable.
  asio::post(context_, [this] {
    after_reads_announced_ = false;
    const Round round(*this);
    handler_.after_reads(*this);
  });
}

std::int64_t IoThread::refresh_now() {
  now_ms_ = steady_ms();
  return now_ms_;
}

void IoThread::tick() {
  timer_.expires_after(std::chrono::milliseconds(options_.timeouts.sweep_ms));
  timer_.async_wait([this](const error_code& error) {
    if (error) return;
    sweep();
    tick();
  });
}

void IoThread::sweep() {
  date_.set(options_.clock->now().us / 1'000'000);
  const std::int64_t now = refresh_now();
  const Round round(*this);
  // From the back: a connection that leaves is replaced by the last one, which was looked at
  // already.
  for (std::size_t i = connections_.size(); i-- > 0;) {
    if (i < connections_.size()) connections_[i]->sweep(now);
  }
}

}  // namespace stardrop::api::http
