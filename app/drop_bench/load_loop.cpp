// The load client: many keep-alive connections on one thread, as cheaply as the system allows.
//
// Plain epoll, because the client shares the machine with what it measures: per request one write
// and one read, and one wait for as many answers as a commit sets free.
#include "app/drop_bench/load_loop.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace stardrop::app {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;
constexpr std::uint64_t kMs = 1'000'000;
constexpr std::uint64_t kTickNs = 100 * kMs;
constexpr std::uint64_t kPauseMinNs = 5 * kMs;
constexpr std::uint64_t kPauseMaxNs = 1000 * kMs;
constexpr unsigned kDoublingsMax = 8;

std::uint64_t pause_after(unsigned tries) {
  return std::min(kPauseMaxNs, kPauseMinNs << std::min(tries, kDoublingsMax));
}

}  // namespace

std::uint64_t steady_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

struct LoadLoop::Connection {
  struct Sent {
    std::uint64_t number;
    std::uint64_t first_sent;
    unsigned tries;
  };
  const Endpoint* endpoint = nullptr;
  sockaddr_storage address{};
  socklen_t address_size = 0;
  int socket = -1;
  bool connected = false;
  bool writing = false;  // waits for the socket to take more
  bool idle = false;     // found nothing to send
  unsigned failures = 0;
  std::uint64_t open_at = 0;
  std::deque<Sent> sent;
  std::string out;
  std::size_t out_at = 0;
  std::string in;
  std::size_t in_at = 0;
  std::size_t in_end = 0;
};

struct LoadLoop::Retry {
  std::uint64_t due;
  std::uint64_t number;
  std::uint64_t first_sent;
  unsigned tries;
  bool operator<(const Retry& other) const {
    return due > other.due;
  }  // std heaps put the largest on top
};

LoadLoop::LoadLoop(LoadOptions options) : options_(std::move(options)) {}

LoadLoop::~LoadLoop() {
  for (const auto& connection : connections_) {
    if (connection->socket >= 0) ::close(connection->socket);
  }
  if (poll_ >= 0) ::close(poll_);
}

std::optional<std::string> LoadLoop::resolve() {
  poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll_ < 0) return "epoll: " + std::string(std::strerror(errno));
  for (std::size_t i = 0; i < options_.connections; ++i) {
    auto connection = std::make_unique<Connection>();
    connection->endpoint = &options_.endpoints[i % options_.endpoints.size()];
    if (i < options_.endpoints.size()) {
      addrinfo hints{};
      hints.ai_family = AF_UNSPEC;
      hints.ai_socktype = SOCK_STREAM;
      addrinfo* found = nullptr;
      const std::string port = std::to_string(connection->endpoint->port);
      const int wrong =
          ::getaddrinfo(connection->endpoint->host.c_str(), port.c_str(), &hints, &found);
      if (wrong != 0) return connection->endpoint->url + ": " + ::gai_strerror(wrong);
      std::memcpy(&connection->address, found->ai_addr, found->ai_addrlen);
      connection->address_size = found->ai_addrlen;
      ::freeaddrinfo(found);
    } else {
      const Connection& same = *connections_[i % options_.endpoints.size()];
      connection->address = same.address;
      connection->address_size = same.address_size;
    }
    connections_.push_back(std::move(connection));
  }
  return std::nullopt;
}

void LoadLoop::watch(Connection& connection, bool writing) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (writing) event.events |= EPOLLOUT;
  event.data.ptr = &connection;
  ::epoll_ctl(poll_, EPOLL_CTL_MOD, connection.socket, &event);
  connection.writing = writing;
}

void LoadLoop::open(Connection& connection) {
  connection.socket =
      ::socket(connection.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (connection.socket < 0) {
    failure_ = "socket: " + std::string(std::strerror(errno));
    return;
  }
  const int on = 1;
  ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_storage address = connection.address;
  const int result =
      ::connect(connection.socket, reinterpret_cast<sockaddr*>(&address), connection.address_size);
  if (result != 0 && errno != EINPROGRESS) {
    lost(connection);
    return;
  }
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.ptr = &connection;
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
  connection.writing = true;
  connection.connected = false;
  connection.idle = false;
}

void LoadLoop::lost(Connection& connection) {
  if (connection.socket >= 0) ::close(connection.socket);
  connection.socket = -1;
  connection.connected = false;
  if (!connection.sent.empty()) ++counts_.connections_lost;
  in_flight_ -= connection.sent.size();
  for (const Connection::Sent& each : connection.sent)
    schedule(each.number, each.first_sent, each.tries);
  connection.sent.clear();
  connection.out.clear();
  connection.out_at = connection.in_at = connection.in_end = 0;
  connection.open_at = now_ + pause_after(connection.failures++);
  reopen_.push_back(&connection);
}

void LoadLoop::schedule(std::uint64_t number, std::uint64_t first_sent, unsigned tries) {
  const auto patience =
      static_cast<std::uint64_t>(std::chrono::nanoseconds(options_.patience).count());
  if (now_ - first_sent > patience) {
    failure_ = "no conclusive answer within " + std::to_string(options_.patience.count()) + " s";
  }
  retries_.push_back({now_ + pause_after(tries), number, first_sent, tries + 1});
  std::push_heap(retries_.begin(), retries_.end());
}

bool LoadLoop::take_due_retry(std::uint64_t& number, std::uint64_t& first_sent, unsigned& tries) {
  if (retries_.empty() || retries_.front().due > now_) return false;
  std::pop_heap(retries_.begin(), retries_.end());
  number = retries_.back().number;
  first_sent = retries_.back().first_sent;
  tries = retries_.back().tries;
  retries_.pop_back();
  ++counts_.retries;
  return true;
}

void LoadLoop::fill(Connection& connection) {
  connection.idle = false;
  while (connection.sent.size() < options_.pipeline) {
    std::uint64_t number = 0;
    std::uint64_t first_sent = now_;
    unsigned tries = 0;
    if (!take_due_retry(number, first_sent, tries)) {
      const auto fresh = traffic_->next();
      if (!fresh) {
        connection.idle = true;
        idle_seen_ = true;
        break;
      }
      number = *fresh;
    }
    traffic_->write(number, *connection.endpoint, connection.out);
    connection.sent.push_back({number, first_sent, tries});
    ++in_flight_;
    ++counts_.sent;
  }
  flush(connection);
}

void LoadLoop::flush(Connection& connection) {
  while (connection.out_at < connection.out.size()) {
    const ssize_t taken = ::send(connection.socket, connection.out.data() + connection.out_at,
                                 connection.out.size() - connection.out_at, MSG_NOSIGNAL);
    if (taken < 0 && errno == EAGAIN) {
      if (!connection.writing) watch(connection, true);
      return;
    }
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) {
      lost(connection);
      return;
    }
    connection.out_at += static_cast<std::size_t>(taken);
  }
  connection.out.clear();
  connection.out_at = 0;
  if (connection.writing) watch(connection, false);
}

void LoadLoop::read(Connection& connection) {
  if (connection.in.size() - connection.in_end < kReadSize / 2) {
    connection.in.erase(0, connection.in_at);
    connection.in_end -= connection.in_at;
    connection.in_at = 0;
    connection.in.resize(std::max(connection.in_end * 2, connection.in_end + kReadSize));
  }
  const ssize_t got = ::recv(connection.socket, connection.in.data() + connection.in_end,
                             connection.in.size() - connection.in_end, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    lost(connection);
    return;
  }
  connection.failures = 0;
  connection.in_end += static_cast<std::size_t>(got);
  take_answers(connection);
}

void LoadLoop::take_answers(Connection& connection) {
  Answer answer;
  while (!connection.sent.empty()) {
    const std::string_view bytes(connection.in.data() + connection.in_at,
                                 connection.in_end - connection.in_at);
    const Framed framed = frame_answer(bytes, answer);
    if (framed == Framed::incomplete) break;
    if (framed == Framed::broken) {
      failure_ = connection.endpoint->url + " does not answer in HTTP with a Content-Length";
      return;
    }
    const Connection::Sent sent = connection.sent.front();
    connection.sent.pop_front();
    --in_flight_;
    ++counts_.answers;
    if (traffic_->answered(sent.number, answer, now_ - sent.first_sent) == Traffic::Next::again) {
      schedule(sent.number, sent.first_sent, sent.tries);
    }
    connection.in_at += answer.size;
    if (answer.close) {
      lost(connection);
      return;
    }
  }
  if (connection.in_at == connection.in_end) connection.in_at = connection.in_end = 0;
  fill(connection);
}

bool LoadLoop::finished() const { return exhausted_ && in_flight_ == 0 && retries_.empty(); }

int LoadLoop::wait_ms() const {
  if (reopen_.empty() && retries_.empty()) return 100;
  return 2;
}

void LoadLoop::wake_idle() {
  if (std::exchange(idle_seen_, false) == false) return;
  for (const auto& connection : connections_) {
    if (connection->connected && connection->idle && connection->sent.empty()) fill(*connection);
  }
}

void LoadLoop::after_events() {
  if (!reopen_.empty()) {
    std::vector<Connection*> later;
    std::vector<Connection*> due;
    for (Connection* connection : reopen_)
      (connection->open_at <= now_ ? due : later).push_back(connection);
    reopen_ = std::move(later);
    for (Connection* connection : due) open(*connection);
  }
  if (now_ - ticked_ >= kTickNs) {
    ticked_ = now_;
    traffic_->tick();
  }
  wake_idle();
  exhausted_ = in_flight_ == 0 && retries_.empty() && idle_seen_ &&
               std::all_of(connections_.begin(), connections_.end(),
                           [](const auto& each) { return !each->connected || each->idle; }) &&
               std::any_of(connections_.begin(), connections_.end(),
                           [](const auto& each) { return each->connected; });
}

std::optional<std::string> LoadLoop::run(Traffic& traffic) {
  traffic_ = &traffic;
  failure_.reset();
  exhausted_ = false;
  now_ = steady_ns();
  if (poll_ < 0) {
    if (auto wrong = resolve()) return wrong;
    for (const auto& connection : connections_) open(*connection);
  }
  const std::uint64_t began = now_;
  bool ever_connected = false;
  idle_seen_ = true;
  wake_idle();
  std::array<epoll_event, 512> events{};
  while (!finished() && !failure_) {
    const int count =
        ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), wait_ms());
    now_ = steady_ns();
    for (int i = 0; i < count && !failure_; ++i) {
      auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
      const std::uint32_t what = events[static_cast<std::size_t>(i)].events;
      if (connection.socket < 0) continue;
      now_ = steady_ns();
      if (!connection.connected) {
        if ((what & (EPOLLERR | EPOLLHUP)) != 0) {
          lost(connection);
          continue;
        }
        connection.connected = true;
        ever_connected = true;
        fill(connection);
        continue;
      }
      if ((what & EPOLLOUT) != 0) flush(connection);
      if (connection.socket >= 0 && (what & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read(connection);
    }
    after_events();
    const auto patience =
        static_cast<std::uint64_t>(std::chrono::nanoseconds(options_.patience).count());
    if (!ever_connected && counts_.answers == 0 && now_ - began > std::min(patience, 5000 * kMs)) {
      failure_ = "no server answers at " + options_.endpoints.front().url;
    }
  }
  traffic_ = nullptr;
  return failure_;
}

}  // namespace stardrop::app
