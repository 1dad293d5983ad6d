// Decimal text of amounts.
#include "base/money.h"

#include <charconv>

namespace stardrop {

template <class Unit>
std::string Amount<Unit>::text() const {
  const bool negative = value_ < 0;
  const auto magnitude =
      negative ? 0 - static_cast<std::uint64_t>(value_) : static_cast<std::uint64_t>(value_);
  constexpr auto kWhole = static_cast<std::uint64_t>(Unit::kPerWhole);
  std::string out = negative ? "-" : "";
  out += std::to_string(magnitude / kWhole);
  std::uint64_t fraction = magnitude % kWhole;
  if (fraction != 0) {
    std::string digits = std::to_string(fraction);
    digits.insert(0, static_cast<std::size_t>(Unit::kDecimals) - digits.size(), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    out += '.';
    out += digits;
  }
  return out;
}

template <class Unit>
std::optional<Amount<Unit>> Amount<Unit>::parse(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  std::string_view fraction = dot == std::string_view::npos ? "" : text.substr(dot + 1);
  if (whole.empty() || whole.size() > 13) return std::nullopt;
  if (dot != std::string_view::npos && fraction.empty()) return std::nullopt;
  if (fraction.size() > static_cast<std::size_t>(Unit::kDecimals)) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : whole) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (int i = 0; i < Unit::kDecimals; ++i) {
    int digit = 0;
    if (static_cast<std::size_t>(i) < fraction.size()) {
      const char c = fraction[static_cast<std::size_t>(i)];
      if (c < '0' || c > '9') return std::nullopt;
      digit = c - '0';
    }
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return std::nullopt;
    if (__builtin_add_overflow(value, std::int64_t{digit}, &value)) return std::nullopt;
  }
  return Amount(negative ? -value : value);
}

template class Amount<MicrostarUnit>;
template class Amount<NanogramUnit>;

}  // namespace stardrop
