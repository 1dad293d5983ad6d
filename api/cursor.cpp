// A cursor is 8 bytes of position and 8 of HMAC, in hexadecimal.
#include "api/cursor.h"

#include "base/hash.h"

namespace stardrop::api {
namespace {

std::string position_bytes(std::int64_t position) {
  std::string out(8, '\0');
  auto value = static_cast<std::uint64_t>(position);
  for (std::size_t i = 8; i-- > 0; value >>= 8U) out[i] = static_cast<char>(value & 0xffU);
  return out;
}

std::string mark(std::string_view secret, std::string_view bound_to, std::string_view position) {
  std::string message(position);
  message += bound_to;
  const Digest digest = hmac_sha256(secret, message);
  return std::string(bytes_of(digest).substr(0, 8));
}

}  // namespace

std::string CursorCodec::encode(std::string_view bound_to, std::int64_t position) const {
  const std::string bytes = position_bytes(position);
  return hex(bytes + mark(secret_, bound_to, bytes));
}

Result<std::int64_t> CursorCodec::decode(std::string_view bound_to, std::string_view cursor) const {
  const std::string bytes = cursor.size() == 32 ? unhex(cursor) : std::string();
  if (bytes.size() != 16) return ErrorCode::invalid_cursor;
  const std::string_view position = std::string_view(bytes).substr(0, 8);
  if (!equal_secrets(std::string_view(bytes).substr(8), mark(secret_, bound_to, position))) {
    return ErrorCode::invalid_cursor;
  }
  std::uint64_t value = 0;
  for (const char c : position) value = (value << 8U) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(value);
}

}  // namespace stardrop::api
