// `backup`, `restore`: copies of a database, proven before they count.
#include "storage/sqlite/backup.h"

#include <filesystem>
#include <memory>

#include "app/commands/all.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "app/remote/remote.h"
#include "base/hash.h"
#include "base/json_writer.h"

namespace stardrop::app {

namespace {

struct BackupOptions {
  std::string db = "sqlite:var/stardrop.db";
  std::string file;
  bool json = false;
  bool yes = false;
};

std::function<void(std::int64_t, std::int64_t)> shown_on(ProgressBar& bar) {
  return [&bar](std::int64_t done, std::int64_t total) {
    bar.show(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total),
             grouped(done) + " pages");
  };
}

void print_proof(Console& console,
                 const std::string& file,
                 const storage::DatabaseReport& report,
                 bool json_wanted) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("file").text(file);
  json.key("pages").integer(report.pages);
  json.key("batches").integer(report.batches);
  json.key("operations").integer(report.operations);
  json.key("last_op").value(report.last_op);
  json.key("chain").text(hex(bytes_of(report.chain)));
  json.end_object();
  print_object(console, body, json_wanted);
}

ExitCode backup(Console& console, const BackupOptions& options) {
  const std::string path = sqlite_path(options.db);
  if (path.empty()) {
    console.error("--db must be sqlite:PATH");
    return ExitCode::usage;
  }
  if (!std::filesystem::exists(path)) {
    console.error(path + " does not exist");
    return ExitCode::not_found;
  }
  keep_new_files_private();
  ProgressBar bar(console, "backup");
  if (Status copied = storage::back_up(path, options.file, shown_on(bar)); !copied.ok()) {
    bar.clear();
    return fail(console, copied.error());
  }
  ProgressBar proof(console, "proof");
  const auto report = storage::verify_database(options.file, shown_on(proof));
  bar.clear();
  proof.clear();
  if (!report.ok()) return fail(console, report.error());
  print_proof(console, options.file, *report, options.json);
  return ExitCode::ok;
}

ExitCode restore(Console& console, const BackupOptions& options) {
  const std::string path = sqlite_path(options.db);
  if (path.empty()) {
    console.error("--db must be sqlite:PATH");
    return ExitCode::usage;
  }
  if (!std::filesystem::exists(options.file)) {
    console.error(options.file + " does not exist");
    return ExitCode::not_found;
  }
  if (std::filesystem::exists(path) && !options.yes) {
    console.error(path + " exists: it would be kept as " + path +
                  ".replaced. Say --yes if you mean it.");
    return ExitCode::usage;
  }
  keep_new_files_private();
  ProgressBar bar(console, "restore");
  const auto report = storage::restore(options.file, path, shown_on(bar));
  bar.clear();
  if (!report.ok()) return fail(console, report.error());
  print_proof(console, path, *report, options.json);
  if (!std::filesystem::exists(master_key_path(options.db, {}))) {
    console.warn("the master key " + master_key_path(options.db, {}) +
                 " is not there: put it back before you serve.");
  }
  return ExitCode::ok;
}

}  // namespace

void add_backup_commands(CommandTree& tree) {
  auto from = std::make_shared<BackupOptions>();
  CLI::App& backup_command =
      tree.add_command(tree.root(), "backup",
                       {"copy a database while a server uses it",
                        "The copy is of one moment, appears when it is complete and synced, and is "
                        "proven: every page, every journal\n"
                        "entry, every row. The master key is not part of it: keep that elsewhere.",
                        {"backup --db sqlite:var/stardrop.db /mnt/backups/monday.db"}},
                       [&tree, from] { return backup(tree.console(), *from); });
  backup_command.add_option("FILE", from->file, "Where to; must not exist.")->required();
  backup_command.add_option("--db", from->db, "The database: sqlite:PATH.")
      ->type_name("DB")
      ->default_val(from->db);
  add_json_flag(backup_command, from->json);

  auto to = std::make_shared<BackupOptions>();
  CLI::App& restore_command =
      tree.add_command(tree.root(), "restore",
                       {"put a backup in the place of a database",
                        "The backup is proven first. What stood there is kept beside it as "
                        "PATH.replaced. Refused while a server has the\n"
                        "database open.",
                        {"restore --db sqlite:var/stardrop.db /mnt/backups/monday.db --yes"}},
                       [&tree, to] { return restore(tree.console(), *to); });
  restore_command.add_option("FILE", to->file, "The backup.")->required();
  restore_command.add_option("--db", to->db, "The database: sqlite:PATH.")
      ->type_name("DB")
      ->default_val(to->db);
  restore_command.add_flag("--yes", to->yes, "Replace the database that is there.");
  add_json_flag(restore_command, to->json);
}

}  // namespace stardrop::app
