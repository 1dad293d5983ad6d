// Sums counters of several threads into one Stats.
#include "api/http/stats.h"

namespace stardrop::api::http {

void Counters::add_to(Stats& total) const {
  // Closed is read first, so that "open" cannot come out below zero while the thread counts on.
  const std::uint64_t closed = connections_closed.value();
  const std::uint64_t sockets_closed = websockets_closed.value();
  const std::uint64_t streams_closed = event_streams_closed.value();
  const std::uint64_t accepted = connections_accepted.value();
  total.connections_accepted += accepted;
  total.connections_refused += connections_refused.value();
  total.connections_open += accepted - closed;
  total.accept_failures += accept_failures.value();
  total.requests += requests.value();
  total.answers += answers.value();
  total.bytes_received += bytes_received.value();
  total.bytes_sent += bytes_sent.value();
  total.idle_closed += idle_closed.value();
  total.write_stalls += write_stalls.value();
  total.tls_failures += tls_failures.value();
  total.websockets_opened += websockets_opened.value();
  total.websockets_open += websockets_opened.value() - sockets_closed;
  total.event_streams_opened += event_streams_opened.value();
  total.event_streams_open += event_streams_opened.value() - streams_closed;
  total.slow_watchers_dropped += slow_watchers_dropped.value();
  total.ws_policy_closed += ws_policy_closed.value();
  for (std::size_t i = 0; i < kDoorCount; ++i) total.refusals[i] += refusals[i].value();
}

}  // namespace stardrop::api::http
