// What stands on top of the transport.
#pragma once

#include <string>

#include "api/http/door.h"
#include "api/http/exchange.h"

namespace stardrop::api::http {

/// Receives requests. With several IoThreads, each of them calls it at the same time as the others.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  /// A whole request, on its IoThread. Answer now, or keep the handle and answer later on the same
  /// thread.
  virtual void handle(ExchangePtr exchange) = 0;

  /// Every request that was ready in this round of the event loop has been handled; on the same
  /// thread. The place to hand what was collected to the engine as one group.
  virtual void after_reads(IoThread& thread);

  /// The body of an answer that the door gives itself, as `application/problem+json`.
  virtual std::string refusal_body(Door refusal);
};

}  // namespace stardrop::api::http
