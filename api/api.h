// The API: routes on top of the transport, in front of the engine.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/cursor.h"
#include "api/http/handler.h"
#include "api/http/io_thread.h"
#include "api/http/trusted_proxies.h"
#include "api/key_table.h"
#include "api/late_buyers.h"
#include "api/metrics.h"
#include "api/open_checkouts.h"
#include "api/rate_limiter.h"
#include "api/reversals.h"
#include "api/route.h"
#include "base/json_reader.h"
#include "engine/engine.h"

namespace stardrop::api {

class DevClock;
class Feed;

/// Rates by who asks, which operators don't have, and of what is asked.
struct RateLimits {
  Rate app{20'000, 40'000};
  Rate user{50, 100};
  Rate anonymous{100, 200};   ///< per address, for routes that need no key
  Rate failed_logins{1, 20};  ///< per address, wrong keys only
  /// Most checkout reservations of one app that are open at a time; 0: no limit.
  std::int64_t reservations_per_app = 10'000;
  /// Reversals of top-ups, of all callers together; 0: no limit.
  std::int64_t reversals_per_minute = 600;
  friend bool operator==(const RateLimits&, const RateLimits&) = default;
};

/// How the API is set up.
struct ApiOptions {
  SecretKey master_key{};
  RateLimits rates;
  /// Peers whose word about the client's address is taken, and the header they give it in.
  http::TrustedProxies trusted_proxies;
  http::ProxyHeader proxy_header = http::ProxyHeader::x_forwarded_for;
  std::string version = "0.1.0";
  /// The test clock of `--dev`; null: there are no development routes.
  DevClock* dev_clock = nullptr;
};

/// Work that waits for the engine. Completed on the IoThread it came from.
class Pending {
 public:
  Pending() = default;
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  virtual ~Pending() = default;
  /// The engine has answered. Returns whether this object is done with (and is deleted).
  virtual bool complete(std::optional<engine::Outcome> outcome) = 0;
};

/// What one IoThread of the API has of its own.
struct ThreadState final : engine::Sink {
  explicit ThreadState(Api& the_api) : api(the_api) {}

  /// Hands work to the engine with the other requests of this round of reads.
  void submit(Pending* pending, engine::Request request);
  void submit(Pending* pending, engine::ReadTask task);
  void submit(Pending* pending, engine::MaintenanceTask task);

  void deliver(std::vector<engine::Delivery>&& deliveries) override;

  Api& api;
  http::IoThread* io = nullptr;
  JsonDocument document;
  std::vector<engine::Work> collected;
  LateBuyerCache late_buyers;
  std::uint64_t requests_seen = 0;
};

/// The handler of all requests. Made before the engine starts; outlives the server.
class Api final : public http::Handler {
 public:
  Api(engine::Engine& engine, const Clock& clock, ApiOptions options, std::size_t io_threads);
  ~Api() override;

  void handle(http::ExchangePtr exchange) override;
  void after_reads(http::IoThread& thread) override;

  /// Takes over keys and open reservations of the opened store. Before the engine starts.
  void reset(engine::Executor& executor);
  /// Told of each commit by the engine, on its thread.
  void on_commit(const engine::BatchReport& report);

  void set_rates(const RateLimits& rates);
  /// A place for one more checkout reservation that `caller` asks for under `key`; null if it needs
  /// none. Refused with rate_limited (facts `reservations_per_app`, `open`).
  Result<OpenCheckouts::Place> checkout_place(const Principal& caller, std::string_view key);
  /// Whether one more reversal of a top-up, asked for under `key`, may go to the engine. Refused
  /// with rate_limited (facts `reversals_per_minute`, `retry_after`).
  Status admit_reversal(const Principal& caller, std::string_view key);
  /// From now on `/readyz` says no, so that a load balancer sends nothing new.
  void begin_drain() { draining_ = true; }
  bool draining() const { return draining_; }
  /// The feed, once it is attached; null before and after.
  Feed* feed() { return feed_; }
  void set_feed(Feed* feed) { feed_ = feed; }

  /// Runs one long task at a time beside the engine. False if one is running.
  bool run_long_task(std::function<void()> task);

  /// Who presents this request's key. Refused with unauthorized.
  Result<Principal> authenticate(const http::Request& request, Instant now) const;

  /// Where the transport's counters come from.
  void set_transport_stats(std::function<http::Stats()> stats) { transport_ = std::move(stats); }

  engine::Engine& engine() { return engine_; }
  const Clock& clock() const { return clock_; }
  const ApiOptions& options() const { return options_; }
  const KeyTable& keys() const { return keys_; }
  const CursorCodec& cursors() const { return cursors_; }
  Metrics& metrics() { return metrics_; }
  const Reversals& reversals() const { return reversals_; }
  http::Stats transport_stats() const { return transport_ ? transport_() : http::Stats{}; }
  ThreadState& state_of(http::IoThread& thread);

  /// A fingerprint of what is asked, under a secret: journals don't tell what texts were.
  std::uint64_t fingerprint(std::uint16_t code, std::string_view canonical) const;
  /// The secret of a key made by this request: the same again when the request is sent again.
  Digest derived_secret(const market::Caller& caller, std::string_view idempotency_key) const;

 private:
  std::string limited_client(const http::Request& request) const;
  RateLimits rates() const;
  Status check_rate(const http::Request& request,
                    const Principal* principal,
                    Instant now,
                    Verdict& verdict);

  engine::Engine& engine_;
  const Clock& clock_;
  ApiOptions options_;
  Router router_;
  KeyTable keys_;
  OpenCheckouts checkouts_;
  Reversals reversals_;
  CursorCodec cursors_;
  RateLimiter limiter_;
  mutable std::shared_mutex rates_mutex_;
  RateLimits rates_;
  Metrics metrics_;
  std::string fingerprint_secret_;
  std::vector<std::unique_ptr<ThreadState>> threads_;
  std::function<http::Stats()> transport_;
  Feed* feed_ = nullptr;
  std::atomic<bool> long_task_runs_{false};
  std::thread long_task_;
  std::atomic<bool> draining_{false};
};

}  // namespace stardrop::api
