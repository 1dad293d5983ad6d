// `init`, `migrate`: make a database, bring one up to date.
#include <filesystem>
#include <memory>
#include <ostream>

#include "app/commands/all.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "app/redact.h"
#include "app/remote/remote.h"
#include "app/serve/operator_key.h"
#include "base/json_writer.h"

namespace stardrop::app {

namespace {

struct DatabaseOptions {
  std::string db = "sqlite:var/stardrop.db";
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

ExitCode migrate(Console& console, const DatabaseOptions& options) {
  LocalEngine local(console);
  if (const ExitCode code = local.open(options.db, false); code != ExitCode::ok) return code;
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("database").text(is_postgres(options.db) ? without_password(options.db)
                                                    : sqlite_path(options.db));
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
  CLI::App& migrate_command =
      tree.add_command(tree.root(), "migrate",
                       {"bring a database up to date with this version",
                        "`serve` does the same when it starts. Interrupted, nothing has happened. "
                        "A database that a newer version wrote\n"
                        "is refused. Make a backup first.",
                        {"migrate --db sqlite:var/stardrop.db"}},
                       [&tree, present] { return migrate(tree.console(), *present); });
  add_database_options(migrate_command, *present);
}

}  // namespace stardrop::app
