// The load client: many keep-alive connections on one thread, as cheaply as the system allows.
//
// The client shares the machine with what it measures: answers are read where they lie, and all
// that can be sent to a connection leaves at once.
#include "app/drop_bench/load_loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <netdb.h>

namespace stardrop::app {

namespace {

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

/// A request in flight.
struct LoadLoop::Sent {
  std::uint64_t number;
  std::uint64_t first_sent;
  unsigned tries;
};

struct LoadLoop::Connection {
  std::size_t index = 0;
  const Endpoint* endpoint = nullptr;
  const Address* address = nullptr;
  bool connected = false;
  bool idle = false;  // found nothing to send
  unsigned failures = 0;
  std::uint64_t open_at = 0;
  std::vector<Sent> sent;  // in order, the oldest at `sent_at`
  std::size_t sent_at = 0;
  std::string tail;  // of an answer that has not come whole

  std::size_t in_flight() const { return sent.size() - sent_at; }
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

LoadLoop::~LoadLoop() = default;

std::optional<std::string> LoadLoop::resolve() {
  transport_ = make_transport(options_.transport, options_.connections);
  if (!transport_) return "epoll: " + std::string(std::strerror(errno));
  for (const Endpoint& endpoint : options_.endpoints) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(endpoint.port);
    const int wrong = ::getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &found);
    if (wrong != 0) return endpoint.url + ": " + ::gai_strerror(wrong);
    Address& address = addresses_.emplace_back();
    std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
    address.size = found->ai_addrlen;
    ::freeaddrinfo(found);
  }
  connections_.resize(options_.connections);
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    connections_[i].index = i;
    connections_[i].endpoint = &options_.endpoints[i % options_.endpoints.size()];
    connections_[i].address = &addresses_[i % addresses_.size()];
  }
  return std::nullopt;
}

void LoadLoop::open(Connection& connection) {
  connection.idle = false;
  transport_->open(connection.index, *connection.address);
}

void LoadLoop::opened(std::size_t index) {
  now_ = steady_ns();
  connections_[index].connected = true;
  ever_connected_ = true;
  fill(connections_[index]);
}

void LoadLoop::closed(std::size_t index) { lost(connections_[index]); }

/// What was in flight is sent again; the connection is opened again. It is closed already.
void LoadLoop::lost(Connection& connection) {
  connection.connected = false;
  if (connection.in_flight() > 0) ++counts_.connections_lost;
  in_flight_ -= connection.in_flight();
  for (std::size_t i = connection.sent_at; i < connection.sent.size(); ++i) {
    const Sent& each = connection.sent[i];
    schedule(each.number, each.first_sent, each.tries);
  }
  connection.sent.clear();
  connection.sent_at = 0;
  connection.tail.clear();
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
  if (connection.sent_at > 0) {
    connection.sent.erase(
        connection.sent.begin(),
        connection.sent.begin() + static_cast<std::ptrdiff_t>(connection.sent_at));
    connection.sent_at = 0;
  }
  std::string& out = transport_->outgoing(connection.index);
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
    traffic_->write(number, *connection.endpoint, out);
    connection.sent.push_back({number, first_sent, tries});
    ++in_flight_;
    ++counts_.sent;
  }
  transport_->send(connection.index);
}

void LoadLoop::received(std::size_t index, std::string_view bytes) {
  Connection& connection = connections_[index];
  connection.failures = 0;
  now_ = steady_ns();
  // Mostly whole answers come, which are read where they lie.
  if (!connection.tail.empty()) {
    connection.tail += bytes;
    bytes = connection.tail;
  }
  const std::size_t taken = take_answers(connection, bytes);
  if (!connection.connected || failure_) return;
  if (connection.tail.empty()) {
    connection.tail = bytes.substr(taken);
  } else {
    connection.tail.erase(0, taken);
  }
  fill(connection);
}

/// Returns how many bytes of answers were taken.
std::size_t LoadLoop::take_answers(Connection& connection, std::string_view bytes) {
  Answer answer;
  std::size_t taken = 0;
  while (connection.in_flight() > 0) {
    const Framed framed = frame_answer(bytes.substr(taken), answer);
    if (framed == Framed::incomplete) break;
    if (framed == Framed::broken) {
      failure_ = connection.endpoint->url + " does not answer in HTTP with a Content-Length";
      break;
    }
    const Sent sent = connection.sent[connection.sent_at++];
    --in_flight_;
    ++counts_.answers;
    if (traffic_->answered(sent.number, answer, now_ - sent.first_sent) == Traffic::Next::again) {
      schedule(sent.number, sent.first_sent, sent.tries);
    }
    taken += answer.size;
    if (answer.close) {
      transport_->close(connection.index);
      lost(connection);
      break;
    }
  }
  return taken;
}

bool LoadLoop::finished() const { return exhausted_ && in_flight_ == 0 && retries_.empty(); }

int LoadLoop::wait_ms() const {
  if (reopen_.empty() && retries_.empty()) return 100;
  return 2;
}

void LoadLoop::wake_idle() {
  if (std::exchange(idle_seen_, false) == false) return;
  for (Connection& connection : connections_) {
    if (connection.connected && connection.idle && connection.in_flight() == 0) fill(connection);
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
                           [](const Connection& each) { return !each.connected || each.idle; }) &&
               std::any_of(connections_.begin(), connections_.end(),
                           [](const Connection& each) { return each.connected; });
}

std::optional<std::string> LoadLoop::run(Traffic& traffic) {
  traffic_ = &traffic;
  failure_.reset();
  exhausted_ = false;
  now_ = steady_ns();
  if (!transport_) {
    if (auto wrong = resolve()) return wrong;
    for (Connection& connection : connections_) open(connection);
  }
  const std::uint64_t began = now_;
  idle_seen_ = true;
  wake_idle();
  while (!finished() && !failure_) {
    transport_->wait(wait_ms(), *this);
    now_ = steady_ns();
    after_events();
    const auto patience =
        static_cast<std::uint64_t>(std::chrono::nanoseconds(options_.patience).count());
    if (!ever_connected_ && now_ - began > std::min(patience, 5000 * kMs)) {
      failure_ = "no server answers at " + options_.endpoints.front().url;
    }
  }
  traffic_ = nullptr;
  return failure_;
}

}  // namespace stardrop::app
