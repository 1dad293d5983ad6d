// An engine inside a command: works on a database that no server has open.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/exit_code.h"
#include "app/settings.h"
#include "base/time.h"
#include "engine/engine.h"
#include "storage/postgres/database_clock.h"

namespace stardrop::app {

/// What a refusal says, with its facts, as one sentence.
std::string error_text(const Error& error);

/// What to do about a database that cannot be opened, as one sentence; empty if there is nothing to
/// say beyond the refusal.
std::string advice_for(const Error& error);

/// Says both of a refusal, behind what it is `about` if that is named, and returns how the command
/// ends.
ExitCode fail(Console& console, const Error& error, const std::string& about = {});

/// What nodes of one database know the master key by.
std::string master_key_digest(const SecretKey& master_key);

/// Where the database is and how it is kept. A database on a server is told of the master key, so
/// that no node has another, and tells `clock` what time it is there; it lives longer than the
/// store.
std::unique_ptr<engine::Store> make_store(const Settings& settings,
                                          const SecretKey& master_key,
                                          storage::postgres::DatabaseClock& clock);

/// The options of an engine under `settings`.
engine::EngineOptions engine_options(const Settings& settings, const SecretKey& master_key);

/// Opens a database for one command.
class LocalEngine {
 public:
  explicit LocalEngine(Console& console) : console_(console) {}
  ~LocalEngine();

  /// Opens `db`. Prints what is wrong unless it returns ok. Without `make` a file that is not there
  /// is refused with not_found.
  ExitCode open(const std::string& db, bool make);
  /// Carries out one command as the operator.
  engine::Outcome call(market::AnyCommand command);
  /// Every edition.
  std::vector<ledger::Edition> editions() const;
  engine::Engine& engine() { return *engine_; }
  engine::Store& store() { return *store_; }
  /// Writes everything back and closes.
  ExitCode close();

 private:
  Console& console_;
  SystemClock machine_clock_;
  storage::postgres::DatabaseClock clock_{machine_clock_};
  std::unique_ptr<engine::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace stardrop::app
