// The only place that knows every module: builds a running server of settings, and takes it down.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "api/api.h"
#include "api/dev_clock.h"
#include "api/feed.h"
#include "api/http/server.h"
#include "app/cli/console.h"
#include "app/config.h"
#include "app/exit_code.h"
#include "app/serve/checkpointer.h"
#include "base/time.h"
#include "engine/engine.h"
#include "storage/postgres/database_clock.h"

namespace stardrop::app {

/// What `serve` was asked for, besides settings.
struct ServeOptions {
  bool demo = false;
};

/// A server from start to stop. One thread drives it.
class Wiring {
 public:
  Wiring(Settings settings, ServeOptions options, Console& console);
  ~Wiring();

  /// Opens the store and the engine, makes what `--dev` and `--demo` promise, and listens. Prints
  /// what is wrong unless it returns ok.
  ExitCode start();
  /// Puts changed rules, rates and the log level in force; warns of changes that need a restart.
  void reload(const Config& config);
  /// Answers what is in flight, writes everything back, and closes.
  void stop();

  std::uint16_t port() const { return server_ ? server_->port() : 0; }

 private:
  ExitCode open_engine();
  ExitCode open_checkpoints();
  void compare_clocks(const engine::Executor& executor);
  ExitCode listen();
  ExitCode make_operator_key();
  ExitCode apply_rules(const market::RuleSettings& rules);
  void print_addresses() const;

  Settings settings_;
  const ServeOptions options_;
  Console& console_;
  SystemClock machine_clock_;
  storage::postgres::DatabaseClock database_clock_{machine_clock_};
  api::DevClock dev_clock_{database_clock_};
  const Clock& clock_;  ///< the one that this server runs by
  SecretKey master_key_{};
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Checkpointer> checkpointer_;  ///< null: none are kept
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<api::Feed> feed_;
  std::unique_ptr<api::http::Server> server_;
  std::atomic<bool> feed_runs_{false};
};

/// The rates of the API under `limits`.
api::RateLimits rates_of(const LimitSettings& limits);

}  // namespace stardrop::app
