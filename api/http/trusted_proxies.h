// Proxies whose word about the client's address counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/request.h"

namespace stardrop::api::http {

/// Which header a proxy tells the client's address in. The other one is never looked at: a proxy
/// that sets one of them passes the other on as the client made it up.
enum class ProxyHeader : std::uint8_t { x_forwarded_for, forwarded };
constexpr auto enum_names(ProxyHeader) {
  return std::array<std::string_view, 2>{"x-forwarded-for", "forwarded"};
}

/// An address of either family; IPv4 as ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
using AddressBytes = std::array<unsigned char, 16>;

/// Reads a numeric address without port, brackets or zone.
std::optional<AddressBytes> parse_address(std::string_view text);
/// The address as text; IPv4 in its own form.
std::string address_text(const AddressBytes& address);

/// What an address counts as where addresses are limited: itself, or of IPv6 its /64, the smallest
/// network a stranger is usually given.
std::string limited_network(std::string_view address);

/// A list of networks. Set up once; read from any thread.
class TrustedProxies {
 public:
  /// Most addresses of a header that are looked at, from its end.
  static constexpr std::size_t kHopsMax = 32;

  /// Adds `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`. Nothing on success, else what is wrong with
  /// it in words.
  std::optional<std::string> add(std::string_view network);

  bool empty() const { return networks_.empty(); }
  bool contains(const AddressBytes& address) const;
  /// Whether the numeric address is trusted.
  bool contains(std::string_view address) const;

  /// Who sent the request: the peer, unless it is trusted. Then the header is read from its end, as
  /// far as those who wrote it are trusted: the first address that is not is the client's. An
  /// element that is no address (`unknown`, `_hidden`, garbage) ends the reading; the client then
  /// is the hop that wrote it.
  std::string client_of(const Request& request, ProxyHeader header) const;

 private:
  struct Network {
    AddressBytes address{};
    std::size_t bits = 0;
  };
  std::vector<Network> networks_;
};

}  // namespace stardrop::api::http
