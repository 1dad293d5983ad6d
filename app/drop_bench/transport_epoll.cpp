// The transport that every Linux has: epoll, and a system call for each send and each receive.
#include "app/drop_bench/transport_epoll.h"

#include <array>
#include <cerrno>
#include <vector>

#include <sys/epoll.h>
#include <unistd.h>

namespace stardrop::app {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;

class EpollTransport final : public Transport {
 public:
  EpollTransport(int poll, std::size_t connections) : poll_(poll), connections_(connections) {
    bytes_.resize(kReadSize);
  }
  ~EpollTransport() override {
    for (const Connection& each : connections_) {
      if (each.socket >= 0) ::close(each.socket);
    }
    ::close(poll_);
  }
  EpollTransport(const EpollTransport&) = delete;
  EpollTransport& operator=(const EpollTransport&) = delete;

  void open(std::size_t connection, const Address& to) override;
  void close(std::size_t connection) override;
  std::string& outgoing(std::size_t connection) override { return connections_[connection].out; }
  void send(std::size_t connection) override;
  void wait(int ms, TransportSink& sink) override;

 private:
  struct Connection {
    int socket = -1;
    bool in_use = false;  // since `open`, until `close` or until the sink was told of the end
    bool connected = false;
    bool waits_to_write = false;
    std::string out;
    std::size_t out_at = 0;
  };

  void watch(std::size_t index, bool writing);
  void broke(std::size_t index) { broken_.push_back(index); }
  void take(std::size_t index, std::uint32_t what, TransportSink& sink);
  void tell_broken(TransportSink& sink);

  const int poll_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> broken_;  // the sink is still to be told
  std::string bytes_;
};

void EpollTransport::watch(std::size_t index, bool writing) {
  Connection& connection = connections_[index];
  epoll_event event{};
  event.events = EPOLLIN;
  if (writing) event.events |= EPOLLOUT;
  event.data.u64 = index;
  ::epoll_ctl(poll_, EPOLL_CTL_MOD, connection.socket, &event);
  connection.waits_to_write = writing;
}

void EpollTransport::open(std::size_t index, const Address& to) {
  Connection& connection = connections_[index];
  connection = Connection{};
  connection.in_use = true;
  connection.socket = make_socket(to, SOCK_NONBLOCK);
  if (connection.socket < 0) return broke(index);
  const auto* const address = reinterpret_cast<const sockaddr*>(&to.storage);
  if (::connect(connection.socket, address, to.size) != 0 && errno != EINPROGRESS)
    return broke(index);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT;
  event.data.u64 = index;
  ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
  connection.waits_to_write = true;
}

void EpollTransport::close(std::size_t index) {
  Connection& connection = connections_[index];
  if (connection.socket >= 0) ::close(connection.socket);
  connection = Connection{};
}

void EpollTransport::send(std::size_t index) {
  Connection& connection = connections_[index];
  while (connection.out_at < connection.out.size()) {
    const ssize_t taken = ::send(connection.socket, connection.out.data() + connection.out_at,
                                 connection.out.size() - connection.out_at, MSG_NOSIGNAL);
    if (taken < 0 && errno == EAGAIN) {
      if (!connection.waits_to_write) watch(index, true);
      return;
    }
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0) return broke(index);
    connection.out_at += static_cast<std::size_t>(taken);
  }
  connection.out.clear();
  connection.out_at = 0;
  if (connection.waits_to_write) watch(index, false);
}

void EpollTransport::take(std::size_t index, std::uint32_t what, TransportSink& sink) {
  Connection& connection = connections_[index];
  if (connection.socket < 0) return;
  if (!connection.connected) {
    if ((what & (EPOLLERR | EPOLLHUP)) != 0) return broke(index);
    connection.connected = true;
    watch(index, false);
    return sink.opened(index);
  }
  if ((what & EPOLLOUT) != 0) send(index);
  if ((what & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) return;
  const ssize_t got = ::recv(connection.socket, bytes_.data(), bytes_.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return broke(index);
  sink.received(index, {bytes_.data(), static_cast<std::size_t>(got)});
}

void EpollTransport::tell_broken(TransportSink& sink) {
  while (!broken_.empty()) {
    const std::size_t index = broken_.back();
    broken_.pop_back();
    if (!connections_[index].in_use) continue;
    close(index);
    sink.closed(index);
  }
}

void EpollTransport::wait(int ms, TransportSink& sink) {
  tell_broken(sink);
  std::array<epoll_event, 512> events{};
  const int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), ms);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    take(event.data.u64, event.events, sink);
  }
  tell_broken(sink);
}

}  // namespace

std::unique_ptr<Transport> make_epoll_transport(std::size_t connections) {
  const int poll = ::epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) return nullptr;
  return std::make_unique<EpollTransport>(poll, connections);
}

}  // namespace stardrop::app
