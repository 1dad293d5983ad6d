// How the HTTP server is set up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/http/request_head.h"
#include "api/http/trusted_proxies.h"
#include "base/time.h"

namespace stardrop::api::http {

/// Certificate chain and private key, both PEM files.
struct TlsOptions {
  std::string certificate_file;
  std::string key_file;  ///< refused if its group or others may read it
};

/// When the server loses patience. Deadlines are looked at once per `sweep_ms`, so they hold to
/// within that.
struct TimeoutOptions {
  std::int64_t request_ms = 10'000;  ///< first byte to last byte of one request
  std::int64_t idle_ms = 60'000;     ///< between requests
  std::int64_t tls_handshake_ms = 10'000;
  std::int64_t write_stall_ms = 10'000;  ///< a reader must take `write_progress_bytes` in this time
  std::size_t write_progress_bytes = 4096;
  std::int64_t linger_ms = 1'000;      ///< reading on after a refusal, so that its answer arrives
  std::int64_t sse_ping_ms = 20'000;   ///< comment line on a quiet event stream
  std::int64_t ws_ping_ms = 25'000;    ///< ping after this silence; closed after twice this silence
  std::int64_t ws_close_ms = 3'000;    ///< for the other side to answer a close frame
  std::int64_t accept_pause_ms = 100;  ///< when the process is out of file descriptors
  std::int64_t sweep_ms = 250;
};

/// Everything about the server that can be set.
struct ServerOptions {
  std::string address = "127.0.0.1";  ///< numeric IPv4 or IPv6 address
  std::uint16_t port = 8080;          ///< 0: any free one, see Server::port()
  std::size_t io_threads = 1;
  RequestLimits limits;
  TimeoutOptions timeouts;
  std::optional<TlsOptions> tls;

  std::size_t pipeline_depth_max = 64;             ///< requests of one connection in flight
  std::size_t output_buffer_max = 256 * 1024;      ///< bytes of answers not yet taken by the client
  std::size_t connections_max = 20'000;            ///< WebSockets and event streams included
  std::size_t connections_per_address_max = 1024;  ///< per IPv4 address or IPv6 /64
  int accept_backlog = 4096;

  std::size_t ws_message_bytes_max = 64 * 1024;  ///< of one incoming message
  std::size_t ws_queue_bytes_max = 256 * 1024;   ///< outgoing; who lags further behind is dropped
  std::size_t ws_messages_per_second_max = 50;   ///< incoming messages and control frames

  /// Origins ("https://shop.example") whose pages may open live streams, besides our own host's.
  std::vector<std::string> allowed_origins;

  /// Peers that carry many clients: without a cap per address.
  TrustedProxies trusted_proxies;

  /// Wall clock for `Date`; must be set and outlive the server.
  const Clock* clock = nullptr;
};

}  // namespace stardrop::api::http
