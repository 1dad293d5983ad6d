// Chooses how bytes are moved.
#include "app/drop_bench/transport.h"

#include "app/drop_bench/transport_epoll.h"
#include "app/drop_bench/transport_uring.h"

namespace stardrop::app {

std::unique_ptr<Transport> make_transport(TransportKind kind, std::size_t connections) {
  if (kind == TransportKind::best) {
    if (auto transport = make_uring_transport(connections)) return transport;
  }
  return make_epoll_transport(connections);
}

}  // namespace stardrop::app
