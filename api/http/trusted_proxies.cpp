// Addresses, networks, and the two headers of proxies (RFC 7239 and its forerunner).
#include "api/http/trusted_proxies.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

#include "api/http/text.h"

namespace stardrop::api::http {
namespace {

constexpr std::size_t kMappedBits = 96;
constexpr std::size_t kAddressBits = 128;

bool is_mapped(const AddressBytes& address) {
  constexpr AddressBytes kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(address.begin(), address.begin() + 12, kPrefix.begin());
}

/// The address with everything behind its first `bits` cleared.
AddressBytes cut(AddressBytes address, std::size_t bits) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::size_t kept = bits > i * 8 ? std::min<std::size_t>(bits - i * 8, 8) : 0;
    address[i] = static_cast<unsigned char>(address[i] & (0xff00U >> kept));
  }
  return address;
}

bool is_port_number(std::string_view text) {
  if (text.starts_with('_')) return text.size() > 1 && kTokenBytes.has_all(text);  // RFC 7239 6.3
  return !text.empty() && text.size() <= 5 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Reads a node: an address, of IPv6 perhaps in brackets, perhaps with a port.
std::optional<AddressBytes> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port_number(rest.substr(1))))
      return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1);
    return inside.find(':') == std::string_view::npos ? std::nullopt : parse_address(inside);
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos) {
    return parse_address(text);
  }
  if (!is_port_number(text.substr(colon + 1))) return std::nullopt;
  return parse_address(text.substr(0, colon));
}

/// Splits at `separator` outside of quotes. Empty parts are kept: they stand for a hop that said
/// nothing.
std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] != separator || quoted) continue;
    out.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  out.push_back(trim(text.substr(begin)));
  return out;
}

/// The `for` of an element such as `for="[2001:db8::1]:4711";proto=https`. Empty if there is none,
/// or more than one, or it is not what it should be.
std::string_view node_of(std::string_view element) {
  std::string_view found;
  for (const std::string_view pair : split_at(element, ';')) {
    const std::size_t equals = pair.find('=');
    if (!equals_lower(pair.substr(0, equals), "for")) continue;
    if (equals == std::string_view::npos || !found.empty()) return {};
    found = pair.substr(equals + 1);
  }
  if (!found.starts_with('"')) return found.find(':') == std::string_view::npos ? found : "";
  if (found.size() < 2 || !found.ends_with('"')) return {};
  return found.substr(1, found.size() - 2);
}

/// The elements of every line of the header, in order.
std::vector<std::string_view> elements_of(const Request& request, std::string_view lower_name) {
  std::vector<std::string_view> out;
  for (const HeaderField& field : request.fields) {
    if (!equals_lower(field.name, lower_name)) continue;
    for (const std::string_view element : split_at(field.value, ',')) out.push_back(element);
  }
  return out;
}

}  // namespace

std::optional<AddressBytes> parse_address(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  AddressBytes out{};
  if (::inet_pton(AF_INET6, terminated.c_str(), out.data()) == 1) return out;
  if (::inet_pton(AF_INET, terminated.c_str(), out.data() + 12) != 1) return std::nullopt;
  out[10] = out[11] = 0xff;
  return out;
}

std::string address_text(const AddressBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_mapped(address)) {
    ::inet_ntop(AF_INET, address.data() + 12, text.data(), text.size());
  } else {
    ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  }
  return text.data();
}

std::string limited_network(std::string_view address) {
  const auto parsed = parse_address(address.substr(0, address.find('%')));
  if (!parsed) return std::string(address);
  return is_mapped(*parsed) ? address_text(*parsed) : address_text(cut(*parsed, 64)) + "/64";
}

std::optional<std::string> TrustedProxies::add(std::string_view network) {
  const std::string name = "'" + std::string(network) + "' ";
  const std::size_t slash = network.find('/');
  const auto address = parse_address(network.substr(0, slash));
  if (!address) return name + "is not an address or network such as 10.0.0.0/8 or 2001:db8::1";
  // A mapped address is written as IPv4, so that a prefix has one meaning.
  const bool dotted = network.find(':') == std::string_view::npos;
  if (is_mapped(*address) && !dotted) return name + "is an IPv4 address: write it as one";
  const std::size_t base = dotted ? kMappedBits : 0;
  std::size_t bits = kAddressBits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = network.substr(slash + 1);
    std::size_t prefix = 0;
    const auto [end, wrong] =
        std::from_chars(digits.data(), digits.data() + digits.size(), prefix, 10);
    if (wrong != std::errc() || end != digits.data() + digits.size() || digits.size() > 3 ||
        prefix > kAddressBits - base) {
      return name + "has no sound prefix length behind the slash";
    }
    if (prefix == 0) return name + "is everybody: then anyone could make up an address";
    bits = base + prefix;
  }
  const AddressBytes kept = cut(*address, bits);
  if (kept != *address) {
    return name + "has bits behind its prefix; did you mean " + address_text(kept) + "/" +
           std::to_string(bits - base) + "?";
  }
  networks_.push_back({kept, bits});
  return std::nullopt;
}

bool TrustedProxies::contains(const AddressBytes& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    return cut(address, network.bits) == network.address;
  });
}

bool TrustedProxies::contains(std::string_view address) const {
  const auto parsed = parse_address(address);
  return parsed && contains(*parsed);
}

std::string TrustedProxies::client_of(const Request& request, ProxyHeader header) const {
  if (networks_.empty()) return std::string(request.remote_address);
  const auto peer = parse_address(request.remote_address);
  if (!peer || !contains(*peer)) return std::string(request.remote_address);
  const auto elements = elements_of(request, enum_names(header)[static_cast<std::size_t>(header)]);
  AddressBytes client = *peer;
  std::size_t hops = 0;
  for (auto element = elements.rbegin(); element != elements.rend() && hops < kHopsMax; ++element) {
    const auto hop = parse_node(header == ProxyHeader::forwarded ? node_of(*element) : *element);
    if (!hop) break;
    client = *hop;
    if (!contains(client)) break;
    ++hops;
  }
  return address_text(client);
}

}  // namespace stardrop::api::http
