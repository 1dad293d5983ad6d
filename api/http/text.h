// Character classes of RFC 9110 and RFC 3986, and ASCII comparison.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace stardrop::api::http {

/// A set of byte values, built at compile time.
class ByteSet {
 public:
  consteval ByteSet(std::string_view members, bool with_alphanumerics) {
    for (const char c : members) set_[index(c)] = true;
    if (!with_alphanumerics) return;
    for (char c = '0'; c <= '9'; ++c) set_[index(c)] = true;
    for (char c = 'a'; c <= 'z'; ++c) set_[index(c)] = true;
    for (char c = 'A'; c <= 'Z'; ++c) set_[index(c)] = true;
  }

  constexpr bool has(char c) const { return set_[index(c)]; }

  /// Whether `text` consists of members only; true for empty text.
  constexpr bool has_all(std::string_view text) const {
    for (const char c : text) {
      if (!has(c)) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t index(char c) { return static_cast<unsigned char>(c); }

  std::array<bool, 256> set_{};
};

/// RFC 9110 5.6.2: what methods and field names are made of.
inline constexpr ByteSet kTokenBytes{"!#$%&'*+-.^_`|~", true};
/// RFC 3986: what a path segment may show unescaped, and '/'. `%` is checked apart.
inline constexpr ByteSet kPathBytes{"-._~!$&'()*+,;=:@/%", true};
/// RFC 3986: what a query may show unescaped.
inline constexpr ByteSet kQueryBytes{"-._~!$&'()*+,;=:@/%?", true};
/// RFC 3986 reg-name, without the escapes and sub-delimiters that no host of ours has.
inline constexpr ByteSet kHostBytes{"-._~", true};

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Equal but for ASCII case. `lower` must be lower case already.
constexpr bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

/// Without the optional white space of RFC 9110 5.6.3 at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Calls `visit` with each trimmed element of a comma-separated list, empty ones left out.
template <class Visit>
constexpr void for_each_element(std::string_view list, Visit&& visit) {
  while (true) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trim(list.substr(0, comma));
    if (!element.empty()) visit(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

/// Whether a comma-separated list has `lower` as an element, whatever its case.
constexpr bool list_has(std::string_view list, std::string_view lower) {
  bool found = false;
  for_each_element(list, [&](std::string_view element) { found |= equals_lower(element, lower); });
  return found;
}

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace stardrop::api::http
