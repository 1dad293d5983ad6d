// One thread that polls all connections and copies bytes.
#include "tests/support/tcp_proxy.h"

#include <array>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/check.h"

namespace stardrop::testing {
namespace {

/// Copies what is there. False if there is nothing more to come, or nobody to take it.
bool copy_some(int from, int to) {
  std::array<char, 16384> bytes;
  const ssize_t count = ::recv(from, bytes.data(), bytes.size(), 0);
  if (count <= 0) return false;
  ssize_t sent = 0;
  while (sent < count) {
    const ssize_t some =
        ::send(to, bytes.data() + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
    if (some <= 0) return false;
    sent += some;
  }
  return true;
}

}  // namespace

TcpProxy::TcpProxy(std::string server_path) : server_path_(std::move(server_path)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  STARDROP_ASSERT(::bind(listener_, generic, size) == 0 && ::listen(listener_, 16) == 0 &&
                      ::getsockname(listener_, generic, &size) == 0 && ::pipe(wake_) == 0,
                  "a port of the loopback is free");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

TcpProxy::~TcpProxy() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  static_cast<void>(::write(wake_[1], "", 1) == 1);
  thread_.join();
  for (const Pair& pair : pairs_) {
    ::close(pair.client);
    ::close(pair.server);
  }
  for (const int each : {listener_, wake_[0], wake_[1]}) ::close(each);
}

void TcpProxy::let(Flow of_open, Flow of_new) {
  {
    const std::lock_guard lock(mutex_);
    of_new_ = of_new;
    for (Pair& pair : pairs_) pair.flow = of_open;
  }
  static_cast<void>(::write(wake_[1], "", 1) == 1);
}

void TcpProxy::accept_one() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  server_path_.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(server);
    ::close(client);
    return;
  }
  pairs_.push_back({client, server, of_new_});
}

void TcpProxy::run() {
  std::vector<pollfd> watched;
  for (;;) {
    watched.assign({{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}});
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      for (const Pair& pair : pairs_) {
        // A negative number is passed over, and nothing is told of it.
        watched.push_back({pair.flow == Flow::stopped ? -1 : pair.client, POLLIN, 0});
        watched.push_back({pair.flow == Flow::passed ? pair.server : -1, POLLIN, 0});
      }
    }
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    const std::lock_guard lock(mutex_);
    if (watched[1].revents != 0) {
      // Flows have changed: nothing is copied that was asked for under the old ones.
      std::array<char, 16> words;
      static_cast<void>(::read(wake_[0], words.data(), words.size()) > 0);
      continue;
    }
    std::size_t at = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
      const bool whole = (watched[at].revents == 0 || copy_some(pair->client, pair->server)) &&
                         (watched[at + 1].revents == 0 || copy_some(pair->server, pair->client));
      if (whole) {
        ++pair;
        continue;
      }
      ::close(pair->client);
      ::close(pair->server);
      pair = pairs_.erase(pair);
    }
    if (watched[0].revents != 0) accept_one();
  }
}

}  // namespace stardrop::testing
