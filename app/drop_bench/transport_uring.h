// The cheap transport: io_uring.
#pragma once

#include <memory>

#include "app/drop_bench/transport.h"

namespace stardrop::app {

/// Nothing if the system has no io_uring, forbids it, or has one too old (before Linux 6.1).
std::unique_ptr<Transport> make_uring_transport(std::size_t connections);

}  // namespace stardrop::app
