// Counters of the server, readable from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "api/http/door.h"

namespace stardrop::api::http {

/// What happened since the start (totals), and what is open now.
struct Stats {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< over a cap, closed at once
  std::uint64_t connections_open = 0;
  std::uint64_t accept_failures = 0;  ///< mostly: out of file descriptors
  std::uint64_t requests = 0;         ///< handed to the handler
  std::uint64_t answers = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t idle_closed = 0;
  std::uint64_t write_stalls = 0;
  std::uint64_t tls_failures = 0;  ///< failed or stalled handshakes
  std::uint64_t websockets_open = 0;
  std::uint64_t websockets_opened = 0;
  std::uint64_t event_streams_open = 0;
  std::uint64_t event_streams_opened = 0;
  std::uint64_t slow_watchers_dropped = 0;
  std::uint64_t ws_policy_closed = 0;                ///< floods, oversized or malformed messages
  std::array<std::uint64_t, kDoorCount> refusals{};  ///< by Door
};

/// A number that one thread writes and any may read.
class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    // One writer: a plain load and store do, without a locked instruction.
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) - amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// The counters of one IoThread.
struct Counters {
  Counter connections_accepted;
  Counter connections_refused;
  Counter connections_closed;
  Counter accept_failures;
  Counter requests;
  Counter answers;
  Counter bytes_received;
  Counter bytes_sent;
  Counter idle_closed;
  Counter write_stalls;
  Counter tls_failures;
  Counter websockets_opened;
  Counter websockets_closed;
  Counter event_streams_opened;
  Counter event_streams_closed;
  Counter slow_watchers_dropped;
  Counter ws_policy_closed;
  std::array<Counter, kDoorCount> refusals;

  void refused(Door door) { refusals[static_cast<std::size_t>(door)].add(); }

  /// Adds these counters to `total`.
  void add_to(Stats& total) const;
};

}  // namespace stardrop::api::http
