// The transport that every Linux has.
#pragma once

#include <memory>

#include "app/drop_bench/transport.h"

namespace stardrop::app {

/// Nothing if the system refuses; errno says why.
std::unique_ptr<Transport> make_epoll_transport(std::size_t connections);

}  // namespace stardrop::app
