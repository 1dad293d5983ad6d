// Base64 for links and single lines (RFC 4648, section 5), without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stardrop {

/// The text of `bytes`: letters, digits, `-` and `_`.
std::string base64url(std::string_view bytes);

/// Reads what `base64url` wrote; nothing if it is malformed or not the one text of its bytes.
std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace stardrop
