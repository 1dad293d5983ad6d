// A whole API, on the memory store unless told otherwise, spoken to over a real socket.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/api.h"
#include "api/dev_clock.h"
#include "api/feed.h"
#include "api/http/server.h"
#include "base/time.h"
#include "engine/engine.h"
#include "storage/memory/memory_store.h"
#include "tests/api/http/raw_client.h"

namespace stardrop::api::test {

/// A running server with an operator's key. Time stands still unless it is moved.
class ApiWorld {
 public:
  explicit ApiWorld(const RateLimits& rates = {});
  /// With `dev` it has the routes of a development server.
  explicit ApiWorld(ApiOptions options, bool dev = false);
  /// On an empty store of the caller's, from `start` on.
  ApiWorld(engine::Store& store, Instant start, ApiOptions options = {});
  ~ApiWorld();

  using Answer = http::test::Answer;

  /// Sends one request on a connection of its own. An empty secret sends no Authorization.
  Answer send(std::string_view method,
              std::string_view path,
              std::string_view secret,
              std::string_view idempotency_key = {},
              std::string_view body = {},
              std::string_view more_headers = {});
  Answer get(std::string_view path) { return send("GET", path, operator_secret); }
  Answer post(std::string_view path, std::string_view key, std::string_view body) {
    return send("POST", path, operator_secret, key, body);
  }

  /// Makes things and returns their ids.
  std::string account(std::string_view secret, std::string_view kind = "user");
  std::string rich_account(std::int64_t stars);
  std::string edition(std::string_view more_fields);
  /// A secret of an app key or user token for an account.
  std::string secret_for(std::string_view kind, std::string_view account);

  /// Moves the time, and waits until what was due by then has happened.
  void advance(Duration by);
  /// Also told of each commit, on the engine's thread. Before the first request.
  void on_commit(std::function<void(const engine::BatchReport&)> listener);

  std::uint16_t port() const { return server_->port(); }
  engine::Engine& engine() { return *engine_; }
  Api& api() { return *api_; }

  ManualClock clock{Instant{1'728'129'600'000'000}};  // 2024-10-05T12:00:00Z
  DevClock dev_clock{clock};                          // what everything runs by
  std::string operator_secret;

 private:
  void open(engine::Store& store, ApiOptions options);

  storage::MemoryStore memory_;
  std::function<void(const engine::BatchReport&)> listener_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Api> api_;
  std::unique_ptr<Feed> feed_;
  std::unique_ptr<http::Server> server_;
  int made_ = 0;
};

/// The text of a member of a flat JSON object, without quotes; empty if it isn't there.
std::string member(std::string_view json, std::string_view name);

}  // namespace stardrop::api::test
