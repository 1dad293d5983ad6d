// Settings of the server: every one described once, with its default, limits and words.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "api/http/trusted_proxies.h"
#include "base/fields.h"
#include "base/log.h"
#include "market/settings.h"

namespace stardrop {

constexpr auto enum_names(LogFormat) { return std::array<std::string_view, 2>{"text", "json"}; }
constexpr auto enum_names(LogLevel) {
  return std::array<std::string_view, 5>{"debug", "info", "warning", "error", "critical"};
}

}  // namespace stardrop

namespace stardrop::app {

/// When a commit counts as done: when the disk has it (full), or when the system does (off, for
/// comparisons only).
enum class Synchronous : std::uint8_t { full, off };
constexpr auto enum_names(Synchronous) { return std::array<std::string_view, 2>{"full", "off"}; }

/// What stands at the top of the file, outside of any table.
struct ServerSettings {
  std::string db = "sqlite:var/stardrop.db";
  std::string listen = "127.0.0.1:8080";
  std::string public_url;
  std::int64_t io_threads = 0;
  bool dev = false;
  std::string master_key_file;
  std::vector<std::string> allowed_origins;
  std::vector<std::string> trusted_proxies;
  api::http::ProxyHeader proxy_header = api::http::ProxyHeader::x_forwarded_for;
  bool core_dumps = false;

  static constexpr auto fields() {
    using S = ServerSettings;
    return std::tuple(
        field("db", &S::db, "The database: sqlite:PATH or postgres://….").at_most(4096),
        field("listen", &S::listen, "HOST:PORT to serve on; port 0 takes a free one.").at_most(255),
        field("public_url", &S::public_url, "How clients reach the server, for links.")
            .at_most(1024),
        field("io_threads", &S::io_threads,
              "Threads that speak HTTP; 0: one per processor, up to 8.")
            .between(0, 64),
        field("dev", &S::dev,
              "Development: an operator key is made and printed; a test clock and a Stars faucet. "
              "Loopback "
              "only."),
        field("master_key_file", &S::master_key_file,
              "File with the key that seals personal data (64 hexadecimal digits, readable by its "
              "owner "
              "only). Empty: the database's path with .key behind it.")
            .at_most(4096),
        field("allowed_origins", &S::allowed_origins,
              "Origins whose pages may use the API, such as https://shop.example.")
            .at_most(64),
        field("trusted_proxies", &S::trusted_proxies,
              "Addresses or networks (10.0.0.0/8) of proxies: their clients' addresses are taken "
              "from proxy_header, for limits. From anybody else the header is ignored.")
            .at_most(64),
        field("proxy_header", &S::proxy_header,
              "The header in which trusted proxies give the client's address."),
        field("core_dumps", &S::core_dumps,
              "Whether a crash may leave a memory image, which holds secrets."));
  }
};

/// [tls]
struct TlsSettings {
  std::string certificate_file;
  std::string key_file;

  static constexpr auto fields() {
    using S = TlsSettings;
    return std::tuple(
        field("certificate_file", &S::certificate_file, "Certificate chain, PEM. Empty: no TLS.")
            .at_most(4096),
        field("key_file", &S::key_file, "Private key, PEM, readable by its owner only.")
            .at_most(4096));
  }
};

/// [engine]
struct EngineSettings {
  std::int64_t batch_max = 4096;
  std::int64_t queue_max = 65'536;

  static constexpr auto fields() {
    using S = EngineSettings;
    return std::tuple(
        field("batch_max", &S::batch_max, "Most commands of one transaction.").between(1, 65'536),
        field("queue_max", &S::queue_max,
              "Most commands that may wait; more are answered `overloaded`.")
            .between(1, 1'048'576));
  }
};

/// [storage]
struct StorageSettings {
  std::int64_t cache_bytes = 256LL * 1024 * 1024;
  std::int64_t redo_bytes = 64LL * 1024 * 1024;
  Synchronous synchronous = Synchronous::full;

  static constexpr auto fields() {
    using S = StorageSettings;
    return std::tuple(field("cache_bytes", &S::cache_bytes, "Memory for rows and pages.")
                          .between(8LL << 20, 1LL << 40),
                      field("redo_bytes", &S::redo_bytes,
                            "Log that may pile up before balances are written back; more is "
                            "faster, and slower to open after a crash.")
                          .between(1LL << 20, 1LL << 34),
                      field("synchronous", &S::synchronous,
                            "full, or off for comparisons: off loses sales in a power cut."));
  }
};

/// [limits]. A rate or number of 0 is no limit; operators have none but that of reversals.
struct LimitSettings {
  std::int64_t body_bytes = 1 << 20;
  std::int64_t batch_body_bytes = 4 << 20;
  std::int64_t connections = 20'000;
  std::int64_t connections_per_address = 1024;
  std::int64_t anonymous_per_second = 100;
  std::int64_t anonymous_burst = 200;
  std::int64_t app_per_second = 20'000;
  std::int64_t app_burst = 40'000;
  std::int64_t user_per_second = 50;
  std::int64_t user_burst = 100;
  std::int64_t failed_logins_per_second = 1;
  std::int64_t failed_logins_burst = 20;
  std::int64_t reservations_per_app = 10'000;
  std::int64_t reversals_per_minute = 600;

  static constexpr auto fields() {
    using S = LimitSettings;
    constexpr std::int64_t kRateMax = 10'000'000;
    return std::tuple(
        field("body_bytes", &S::body_bytes, "Largest request body.").between(1024, 1 << 26),
        field("batch_body_bytes", &S::batch_body_bytes, "Largest body of POST /v1/batch.")
            .between(1024, 1 << 28),
        field("connections", &S::connections, "Most open connections.").between(1, 1'000'000),
        field("connections_per_address", &S::connections_per_address,
              "Most open connections of one address.")
            .between(1, 1'000'000),
        field("anonymous_per_second", &S::anonymous_per_second,
              "Requests a second of one address, without a key.")
            .between(0, kRateMax),
        field("anonymous_burst", &S::anonymous_burst, "Requests an address may send at once.")
            .between(0, kRateMax),
        field("app_per_second", &S::app_per_second, "Requests a second of one app.")
            .between(0, kRateMax),
        field("app_burst", &S::app_burst, "Requests an app may send at once.").between(0, kRateMax),
        field("user_per_second", &S::user_per_second, "Requests a second of one user.")
            .between(0, kRateMax),
        field("user_burst", &S::user_burst, "Requests a user may send at once.")
            .between(0, kRateMax),
        field("failed_logins_per_second", &S::failed_logins_per_second,
              "Wrong keys a second from one address.")
            .between(0, kRateMax),
        field("failed_logins_burst", &S::failed_logins_burst,
              "Wrong keys an address may send at once.")
            .between(0, kRateMax),
        field("reservations_per_app", &S::reservations_per_app,
              "Most checkout reservations of one app that are open at a time.")
            .between(0, kRateMax),
        field("reversals_per_minute", &S::reversals_per_minute,
              "Reversals of top-ups a minute, of all callers together, and as many at once.")
            .between(0, kRateMax));
  }
};

/// [checkpoints]
struct CheckpointSettings {
  std::string file;
  std::string signing_key_file;
  std::int64_t every_minutes = 5;

  static constexpr auto fields() {
    using S = CheckpointSettings;
    return std::tuple(
        field(
            "file", &S::file,
            "File that gets a signed word about the journal now and then; it should be on another "
            "machine. Empty: none.")
            .at_most(4096),
        field("signing_key_file", &S::signing_key_file,
              "The key that signs, made if it is not there, readable by its owner only. Empty: the "
              "database's path with .signing-key behind it.")
            .at_most(4096),
        field("every_minutes", &S::every_minutes, "Pause between two checkpoints, minutes.")
            .between(1, 10'080));
  }
};

/// [log]
struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;

  static constexpr auto fields() {
    using S = LogSettings;
    return std::tuple(field("level", &S::level, "The least serious line that is written."),
                      field("format", &S::format, "text, or json for one object per line."));
  }
};

/// All settings.
struct Settings {
  ServerSettings server;
  TlsSettings tls;
  EngineSettings engine;
  StorageSettings storage;
  LimitSettings limits;
  CheckpointSettings checkpoints;
  LogSettings log;
  market::RuleSettings rules;
};

/// Calls `visit(section, part)` for each part of `settings`; the first section has no name.
template <class S, class Visit>
void for_each_section(S& settings, Visit&& visit) {
  visit(std::string_view(""), settings.server);
  visit(std::string_view("tls"), settings.tls);
  visit(std::string_view("engine"), settings.engine);
  visit(std::string_view("storage"), settings.storage);
  visit(std::string_view("limits"), settings.limits);
  visit(std::string_view("checkpoints"), settings.checkpoints);
  visit(std::string_view("log"), settings.log);
  visit(std::string_view("rules"), settings.rules);
}

}  // namespace stardrop::app
