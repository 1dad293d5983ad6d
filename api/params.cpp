// Percent-decoding and plain integers.
#include "api/params.h"

#include <charconv>

namespace stardrop::api {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t more = 0;
    std::uint32_t low = 0;
    std::uint32_t value = lead;
    if (lead == 0) return false;
    if (lead >= 0x80) {
      if (lead >= 0xc2 && lead <= 0xdf) {
        more = 1, low = 0x80, value = lead & 0x1fU;
      } else if (lead >= 0xe0 && lead <= 0xef) {
        more = 2, low = 0x800, value = lead & 0x0fU;
      } else if (lead >= 0xf0 && lead <= 0xf4) {
        more = 3, low = 0x10000, value = lead & 0x07U;
      } else {
        return false;
      }
    }
    if (i + more >= text.size()) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xc0U) != 0x80U) return false;
      value = (value << 6U) | (next & 0x3fU);
    }
    if (value < low || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return false;
    i += more + 1;
  }
  return true;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

Result<std::vector<Param>> parse_query(std::string_view query) {
  std::vector<Param> out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view part = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    auto name = percent_decode(part.substr(0, equals), true);
    auto value = percent_decode(
        equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
    if (!name || !value || out.size() >= 64) {
      return Error(ErrorCode::invalid_request).detail("The query string is malformed.");
    }
    out.push_back({*std::move(name), *std::move(value)});
  }
  return out;
}

namespace params_detail {

Status read_integer(std::string_view text, std::int64_t min, std::int64_t max, std::int64_t& out) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (fault != std::errc() || end != text.data() + text.size() || out < min || out > max) {
    return Error(ErrorCode::invalid_value).with("min", min).with("max", max);
  }
  return done();
}

}  // namespace params_detail
}  // namespace stardrop::api
