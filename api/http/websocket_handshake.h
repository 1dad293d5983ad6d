// The opening handshake of a WebSocket, checked.
#pragma once

#include "api/http/door.h"
#include "api/http/request.h"

namespace stardrop::api::http {

/// Checks RFC 6455 4.2.1: GET, HTTP/1.1, `Upgrade: websocket`, `Connection: upgrade`, version 13, a
/// key of 16 bytes in base64. `upgrade_required` if the client does not ask for version 13 of it at
/// all, else `bad_handshake`.
Door check_websocket_handshake(const Request& request);

}  // namespace stardrop::api::http
