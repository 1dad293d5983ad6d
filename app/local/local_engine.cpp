// An engine inside a command: works on a database that no server has open.
#include "app/local/local_engine.h"

#include <filesystem>

#include "app/local/master_key.h"
#include "app/redact.h"
#include "base/hash.h"
#include "base/random.h"
#include "storage/postgres/postgres_store.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::app {

namespace {

std::string text_fact(const Error& error, std::string_view name) {
  for (const Fact& fact : error.facts()) {
    if (const auto* text = std::get_if<std::string>(&fact.value);
        text != nullptr && fact.name == name)
      return *text;
  }
  return {};
}

}  // namespace

std::string error_text(const Error& error) {
  std::string out(error.detail_text().empty() ? info(error.code()).title : error.detail_text());
  for (const Fact& fact : error.facts()) {
    out += " (" + std::string(fact.name) + ": ";
    if (const auto* number = std::get_if<std::int64_t>(&fact.value)) out += std::to_string(*number);
    if (const auto* truth = std::get_if<bool>(&fact.value)) out += *truth ? "true" : "false";
    if (const auto* text = std::get_if<std::string>(&fact.value)) out += printable(*text);
    out += ")";
  }
  return out;
}

std::string advice_for(const Error& error) {
  const std::string reason = text_fact(error, "reason");
  if (reason == "locked")
    return "Another process has this database open: stop the server, or talk to it with --url.";
  if (reason == "no_folder") return "The folder of the database is not there: make it first.";
  if (reason == "unwritable" || reason == "read_only")
    return "This user may not write the database or its folder.";
  if (reason == "not_a_database" || reason == "other_application")
    return "This file is not a Stardrop database.";
  if (reason == "newer_schema")
    return "A newer version wrote this database: use that version, or restore a backup.";
  if (reason == "unreachable") return "Is the database's server running, and the URL right?";
  if (reason == "other_master_key")
    return "Give this node the master key of the others: master_key_file.";
  if (reason == "import_unfinished" || reason == "other_import")
    return "End the move with `stardrop migrate --from … --to …`, or begin with an empty database.";
  if (reason == "no_free_lane")
    return "128 nodes are alive, or ended without a word less than their lease ago.";
  if (reason == "disk_full") return "The disk is full.";
  if (reason.starts_with("damaged")) return "The file is damaged: restore a backup.";
  if (reason == "failed_sync")
    return "The disk failed to keep what was written: check it before anything else.";
  return {};
}

ExitCode fail(Console& console, const Error& error, const std::string& about) {
  console.error(about.empty() ? error_text(error) : about + ": " + error_text(error));
  if (const std::string advice = advice_for(error); !advice.empty()) console.note(advice);
  return exit_code_of(error);
}

std::string master_key_digest(const SecretKey& master_key) {
  const std::string_view key(reinterpret_cast<const char*>(master_key.data()), master_key.size());
  return std::string(bytes_of(hmac_sha256(key, "the master key of a deployment")));
}

std::unique_ptr<engine::Store> make_store(const Settings& settings,
                                          const SecretKey& master_key,
                                          storage::postgres::DatabaseClock& clock) {
  keep_new_files_private();
  if (is_postgres(settings.server.db)) {
    storage::postgres::Options options;
    options.url = settings.server.db;
    options.clock = &clock;
    options.master_key_digest = master_key_digest(master_key);
    return std::make_unique<storage::postgres::PostgresStore>(std::move(options));
  }
  storage::SqliteOptions options;
  options.path = sqlite_path(settings.server.db);
  options.synchronous = settings.storage.synchronous == Synchronous::full
                            ? storage::Synchronous::full
                            : storage::Synchronous::off;
  options.cache_bytes_max = static_cast<std::size_t>(settings.storage.cache_bytes);
  options.page_cache_bytes = static_cast<std::size_t>(settings.storage.cache_bytes / 4);
  options.redo_bytes_max = static_cast<std::size_t>(settings.storage.redo_bytes);
  return std::make_unique<storage::SqliteStore>(std::move(options));
}

engine::EngineOptions engine_options(const Settings& settings, const SecretKey& master_key) {
  engine::EngineOptions options;
  options.executor.master_key = master_key;
  options.executor.entropy = entropy64;
  options.batch_max = static_cast<std::size_t>(settings.engine.batch_max);
  options.queue_max = static_cast<std::size_t>(settings.engine.queue_max);
  return options;
}

LocalEngine::~LocalEngine() {
  if (engine_) engine_->stop();
}

ExitCode LocalEngine::open(const std::string& db, bool make) {
  Settings settings;
  settings.server.db = db;
  const bool remote = is_postgres(db);
  const std::string path = remote ? without_password(db) : sqlite_path(db);
  if (path.empty()) {
    console_.error("--db must be sqlite:PATH or postgres://…");
    return ExitCode::usage;
  }
  const bool there = remote || std::filesystem::exists(path);
  if (!make && !there) {
    console_.error(path + " does not exist");
    return ExitCode::not_found;
  }
  const MasterKey master = load_master_key(master_key_path(db, {}), make && (remote || !there));
  if (!master.problem.empty()) {
    console_.error(master.problem);
    return ExitCode::failed;
  }
  store_ = make_store(settings, master.key, clock_);
  engine_ = std::make_unique<engine::Engine>(*store_, clock_, engine_options(settings, master.key));
  if (Status opened = engine_->open(); !opened.ok()) {
    engine_.reset();
    return fail(console_, opened.error(), path);
  }
  engine_->start();
  return ExitCode::ok;
}

engine::Outcome LocalEngine::call(market::AnyCommand command) {
  engine::Request request;
  request.caller.kind = market::CallerKind::operator_;
  request.command = std::move(command);
  return engine_->call(std::move(request));
}

std::vector<ledger::Edition> LocalEngine::editions() const {
  std::vector<ledger::Edition> out;
  for (const auto& edition : engine_->board().all()) out.push_back(*edition);
  return out;
}

ExitCode LocalEngine::close() {
  engine_->stop();
  engine_.reset();
  store_.reset();
  return ExitCode::ok;
}

}  // namespace stardrop::app
