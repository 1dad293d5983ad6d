// `init`, `migrate`: make a database, bring one up to date.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>

#include "app/cli/interrupt.h"
#include "app/commands/all.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "app/redact.h"
#include "app/remote/remote.h"
#include "app/serve/operator_key.h"
#include "base/hash.h"
#include "base/json_writer.h"
#include "engine/state_hash.h"
#include "storage/postgres/import.h"

namespace stardrop::app {

namespace {

struct DatabaseOptions {
  std::string db = "sqlite:var/stardrop.db";
  std::string from;
  std::string to;
  bool json = false;
};

void add_database_options(CLI::App& command, DatabaseOptions& options) {
  command.add_option("--db", options.db, "The database: sqlite:PATH or postgres://….")
      ->type_name("DB")
      ->default_val(options.db);
  add_json_flag(command, options.json);
}

ExitCode init(Console& console, const DatabaseOptions& options) {
  const std::string path = files_of(options.db);
  if (!is_postgres(options.db) && std::filesystem::exists(path)) {
    console.error(path + " exists already");
    return ExitCode::refused;
  }
  LocalEngine local(console);
  if (const ExitCode code = local.open(options.db, true); code != ExitCode::ok) return code;
  const OperatorKey key =
      operator_key_of(path, local.engine(), [](std::string_view) { return false; });
  if (!key.problem.empty()) {
    console.error(key.problem);
    return ExitCode::failed;
  }
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("database").text(is_postgres(options.db) ? without_password(options.db) : path);
  json.key("master_key_file").text(master_key_path(options.db, {}));
  json.key("operator_key_file").text(key.file);
  json.end_object();
  print_object(console, body, options.json);
  return local.close();
}

/// Everything of one database in another, proven by the state hash.
ExitCode move_to_postgres(Console& console, const DatabaseOptions& options) {
  if (sqlite_path(options.from).empty() || !is_postgres(options.to)) {
    console.error("--from is sqlite:PATH and --to is postgres://…");
    return ExitCode::usage;
  }
  LocalEngine local(console);
  if (const ExitCode code = local.open(options.from, false); code != ExitCode::ok) return code;
  const MasterKey master = load_master_key(master_key_path(options.from, {}), false);
  storage::postgres::Import::Source source{{}, master_key_digest(master.key)};
  Result<std::unique_ptr<engine::Snapshot>> snapshot = ErrorCode::internal;
  local.engine().run([&](engine::Executor& executor) {
    source.chain = bytes_of(executor.head().chain);
    snapshot = executor.snapshot();
  });
  if (!snapshot.ok()) return fail(console, snapshot.error());
  const auto hash = engine::state_hash(**snapshot);
  if (!hash.ok()) return fail(console, hash.error());
  auto import = storage::postgres::Import::begin(options.to, std::move(source));
  if (!import.ok()) return fail(console, import.error());
  const Interrupt interrupt;
  ProgressBar bar(console, "rows");
  const Status moved = import->run(**snapshot, *hash, [&](std::int64_t done) {
    const std::int64_t rows = std::min(done, hash->rows());
    bar.show(static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(hash->rows()),
             grouped(done));
    return !interrupt.asked();
  });
  bar.clear();
  if (!moved.ok()) return fail(console, moved.error());
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("database").text(without_password(options.to));
  json.key("rows").integer(import->rows());
  json.key("operations").integer(import->operations());
  json.key("state_hash").text(hash->text());
  json.key("master_key_file").text(master_key_path(options.from, {}));
  json.end_object();
  print_object(console, body, options.json);
  return local.close();
}

ExitCode migrate(Console& console, const DatabaseOptions& options) {
  if (!options.from.empty() || !options.to.empty()) return move_to_postgres(console, options);
  LocalEngine local(console);
  if (const ExitCode code = local.open(options.db, false); code != ExitCode::ok) return code;
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("database")
      .text(is_postgres(options.db) ? without_password(options.db) : sqlite_path(options.db));
  json.key("up_to_date").boolean(true);
  json.end_object();
  print_object(console, body, options.json);
  return local.close();
}

}  // namespace

void add_database_commands(CommandTree& tree) {
  auto made = std::make_shared<DatabaseOptions>();
  CLI::App& init_command = tree.add_command(
      tree.root(), "init",
      {"make a new database with its keys",
       "Makes three files that only their owner may read: the database, the master key that seals "
       "personal texts\n"
       "(PATH.key), and the first operator's key (PATH.operator-key). Keep the master key apart "
       "from backups of the\n"
       "database: whoever has both can read what people wrote. Refused if the database exists.",
       {"init --db sqlite:/var/lib/stardrop/stardrop.db"}},
      [&tree, made] { return init(tree.console(), *made); });
  add_database_options(init_command, *made);

  auto present = std::make_shared<DatabaseOptions>();
  CLI::App& migrate_command = tree.add_command(
      tree.root(), "migrate",
      {"bring a database up to date, or move it to PostgreSQL",
       "`serve` does the same when it starts. Interrupted, nothing has happened. "
       "A database that a newer version wrote\n"
       "is refused. Make a backup first.\n"
       "\n"
       "With --from and --to every row, the whole journal and all used keys are "
       "copied to an empty database on a server,\n"
       "and the state hashes of both are compared. The server of the old one is "
       "stopped. Interrupted, the same command\n"
       "goes on where it was; until it has ended no node opens the new database. "
       "The nodes need the old master key.",
       {"migrate --db sqlite:var/stardrop.db",
        "migrate --from sqlite:var/stardrop.db --to postgres://db.internal/stardrop"}},
      [&tree, present] { return migrate(tree.console(), *present); });
  add_database_options(migrate_command, *present);
  migrate_command.add_option("--from", present->from, "Move this database: sqlite:PATH.")
      ->type_name("DB");
  migrate_command.add_option("--to", present->to, "To this one, which is empty: postgres://….")
      ->type_name("DB");
}

}  // namespace stardrop::app
