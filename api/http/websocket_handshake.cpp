// The opening handshake of a WebSocket, checked.
#include "api/http/websocket_handshake.h"

#include "api/http/text.h"

namespace stardrop::api::http {
namespace {

constexpr ByteSet kBase64Bytes{"+/", true};

/// 16 bytes in base64: 22 digits, of which the last carries only two bits, and "==".
bool is_key(std::string_view key) {
  constexpr std::string_view kLastDigits = "AQgw";
  return key.size() == 24 && key.ends_with("==") && kBase64Bytes.has_all(key.substr(0, 22)) &&
         kLastDigits.find(key[21]) != std::string_view::npos;
}

bool connection_says_upgrade(const Request& request) {
  for (const HeaderField& field : request.fields) {
    if (equals_lower(field.name, "connection") && list_has(field.value, "upgrade")) return true;
  }
  return false;
}

}  // namespace

Door check_websocket_handshake(const Request& request) {
  if (!request.wants_websocket()) return Door::upgrade_required;
  if (request.method != Method::get || request.minor_version != 1) return Door::bad_handshake;
  if (!connection_says_upgrade(request)) return Door::bad_handshake;
  if (request.header("sec-websocket-version") != "13") return Door::upgrade_required;
  return is_key(request.header("sec-websocket-key")) ? Door::none : Door::bad_handshake;
}

}  // namespace stardrop::api::http
