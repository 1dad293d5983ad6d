// Caps on open connections.
#include "api/http/connection_limits.h"

namespace stardrop::api::http {
namespace {

std::uint64_t network_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.to_v4().to_uint();
  const auto bytes = address.to_v6().to_bytes();
  if (address.to_v6().is_v4_mapped()) {
    std::uint64_t v4 = 0;
    for (std::size_t i = 12; i < 16; ++i) v4 = v4 << 8 | bytes[i];
    return v4;
  }
  std::uint64_t network = 0;
  for (std::size_t i = 0; i < 8; ++i) network = network << 8 | bytes[i];
  // Set apart from IPv4 addresses: no global IPv6 network has its top bits clear.
  return network | (std::uint64_t{1} << 63);
}

}  // namespace

ConnectionTicket::~ConnectionTicket() {
  if (limits_ != nullptr) limits_->give_back(network_);
}

ConnectionTicket ConnectionLimits::take(const boost::asio::ip::address& address) {
  const std::uint64_t network = network_of(address);
  const bool capped = proxies_.empty() || !proxies_.contains(address.to_string());
  const std::lock_guard lock(mutex_);
  if (total_ >= total_max_) return {};
  std::size_t& count = by_network_[network];
  if (capped && count >= per_address_max_) {
    if (count == 0) by_network_.erase(network);
    return {};
  }
  ++count;
  ++total_;
  return {this, network};
}

void ConnectionLimits::give_back(std::uint64_t network) {
  const std::lock_guard lock(mutex_);
  --total_;
  const auto found = by_network_.find(network);
  if (--found->second == 0) by_network_.erase(found);
}

}  // namespace stardrop::api::http
