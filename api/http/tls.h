// The TLS settings of the server.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include <boost/asio/ssl/context.hpp>

#include "api/http/options.h"

namespace stardrop::api::http {

/// A context, or one sentence saying why there is none.
using TlsContextOrReason = std::variant<std::unique_ptr<boost::asio::ssl::context>, std::string>;

/// TLS 1.2 and 1.3 with ephemeral key exchange and authenticated ciphers only; no renegotiation, no
/// compression. Refuses a key file that anyone but its owner may read.
TlsContextOrReason make_tls_context(const TlsOptions& options);

}  // namespace stardrop::api::http
