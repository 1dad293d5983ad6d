// Text form of ids: Crockford's base 32, lower case, fixed width.
#include "base/id.h"

namespace stardrop {
namespace {
constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kDigits = 13;  // 13 × 5 bits hold 64.
}  // namespace

std::string id_digits(std::uint64_t value) {
  std::string out(kDigits, '0');
  for (std::size_t i = kDigits; i-- > 0;) {
    out[i] = kAlphabet[value & 31U];
    value >>= 5U;
  }
  return out;
}

std::optional<std::uint64_t> parse_id_digits(std::string_view digits) noexcept {
  if (digits.size() != kDigits || digits.front() > '7') return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = (value << 5U) | digit;
  }
  return value;
}

}  // namespace stardrop
