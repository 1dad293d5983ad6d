// Caps on open connections, in total and per address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "api/http/trusted_proxies.h"

namespace stardrop::api::http {

class ConnectionLimits;

/// A place taken under the caps; gives it back when destroyed.
class ConnectionTicket {
 public:
  ConnectionTicket() = default;
  ConnectionTicket(ConnectionLimits* limits, std::uint64_t network)
      : limits_(limits), network_(network) {}
  ConnectionTicket(ConnectionTicket&& other) noexcept
      : limits_(std::exchange(other.limits_, nullptr)), network_(other.network_) {}
  ConnectionTicket& operator=(ConnectionTicket&& other) noexcept {
    std::swap(limits_, other.limits_);
    std::swap(network_, other.network_);
    return *this;
  }
  ~ConnectionTicket();

  explicit operator bool() const { return limits_ != nullptr; }

 private:
  ConnectionLimits* limits_ = nullptr;
  std::uint64_t network_ = 0;
};

/// Counts connections per IPv4 address or IPv6 /64, the smallest network a stranger is usually
/// given. Thread-safe.
class ConnectionLimits {
 public:
  /// The addresses of `proxies` carry many clients: only the cap in total holds for them.
  ConnectionLimits(std::size_t total_max, std::size_t per_address_max, TrustedProxies proxies = {})
      : total_max_(total_max), per_address_max_(per_address_max), proxies_(std::move(proxies)) {}

  /// A ticket, or an empty one if a cap is reached.
  ConnectionTicket take(const boost::asio::ip::address& address);

 private:
  friend class ConnectionTicket;
  void give_back(std::uint64_t network);

  const std::size_t total_max_;
  const std::size_t per_address_max_;
  const TrustedProxies proxies_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::unordered_map<std::uint64_t, std::size_t> by_network_;
};

}  // namespace stardrop::api::http
