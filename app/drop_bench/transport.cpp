// Chooses how bytes are moved, and what both ways share.
#include "app/drop_bench/transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "app/drop_bench/transport_epoll.h"
#include "app/drop_bench/transport_uring.h"

namespace stardrop::app {

int make_socket(const Address& to, int flags) {
  const int out = ::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
  const int on = 1;
  if (out >= 0) ::setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return out;
}

std::unique_ptr<Transport> make_transport(TransportKind kind, std::size_t connections) {
  if (kind == TransportKind::best) {
    if (auto transport = make_uring_transport(connections)) return transport;
  }
  return make_epoll_transport(connections);
}

}  // namespace stardrop::app
