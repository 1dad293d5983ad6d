// `doctor`: what this machine and this database lack, and what to do about it.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <ostream>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/commands/all.h"
#include "app/local/file_system.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "storage/postgres/examine.h"

namespace stardrop::app {

namespace {

enum class Finding : std::uint8_t { good, warning, bad };
constexpr std::string_view name_of_finding(Finding finding) {
  return finding == Finding::good ? "ok" : finding == Finding::warning ? "warning" : "problem";
}

struct Examined {
  std::string what;
  Finding finding = Finding::good;
  std::string found;
  std::string advice;
};

struct DoctorOptions {
  std::string db = "sqlite:var/stardrop.db";
  bool json = false;
};

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// The median time of a write that the disk must keep.
Examined examine_sync(const std::string& folder) {
  Examined out{"disk sync", Finding::good, {}, {}};
  const std::string path = folder + "/.stardrop-doctor";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) {
    return {"disk sync", Finding::bad, folder + ": " + std::strerror(errno),
            "Make the folder, or let this user write it."};
  }
  std::vector<std::int64_t> us;
  const std::string block(4096, 'x');
  bool kept = true;
  for (int i = 0; i < 32; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    kept = kept &&
           ::write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
           ::fdatasync(file) == 0;
    us.push_back(std::chrono::duration_cast<std::chrono::microseconds>(
                     std::chrono::steady_clock::now() - begun)
                     .count());
  }
  ::close(file);
  ::unlink(path.c_str());
  std::sort(us.begin(), us.end());
  const std::int64_t median = us[us.size() / 2];
  out.found = std::to_string(median) + " us";
  if (!kept) {
    out.finding = Finding::bad;
    out.found = "a write was not kept";
    out.advice = "The disk or the file system fails: look at the system's log before using it.";
  } else if (median < 20) {
    out.finding = Finding::warning;
    out.advice =
        "Too fast to be true: the disk or hypervisor may acknowledge what it has not kept.";
  } else if (median > 10'000) {
    out.finding = Finding::warning;
    out.advice =
        "Slow: every answer waits for it. Use a solid-state disk with power-loss protection.";
  }
  return out;
}

Examined examine_file_system(const std::string& folder) {
  const auto kind = file_system_of(folder);
  if (!kind) return {"file system", Finding::bad, std::strerror(errno), "Make the folder first."};
  switch (*kind) {
    case FileSystem::network:
      return {"file system", Finding::bad, "over the network",
              "SQLite needs a local file system: locks and syncs over a network don't hold."};
    case FileSystem::memory:
      return {"file system", Finding::warning, "in memory",
              "Everything is gone after a restart of the machine."};
    case FileSystem::fuse:
      return {"file system", Finding::warning, "FUSE",
              "Make sure that it keeps what it says it has synced."};
    case FileSystem::local: break;
  }
  return {"file system", Finding::good, "local", {}};
}

Examined examine_space(const std::string& folder) {
  struct statvfs about {};
  if (::statvfs(folder.c_str(), &about) != 0)
    return {"disk space", Finding::bad, std::strerror(errno), "Make the folder first."};
  const std::uint64_t mib = static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize >> 20U;
  if (mib < 256)
    return {"disk space", Finding::bad, std::to_string(mib) + " MiB free",
            "Make room: writes are refused when it is full."};
  if (mib < 2048)
    return {"disk space", Finding::warning, std::to_string(mib) + " MiB free",
            "A million gifts take about 300 MiB with their journal."};
  return {"disk space", Finding::good, std::to_string(mib) + " MiB free", {}};
}

Examined examine_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::string found = std::to_string(limit.rlim_max);
  if (limit.rlim_max < 4096)
    return {"open files", Finding::warning, found,
            "Allow more (LimitNOFILE=65536): every connection takes one."};
  return {"open files", Finding::good, found, {}};
}

Examined examine_clock() {
  const Instant now = SystemClock().now();
  const auto built = parse_rfc3339("2026-01-01T00:00:00Z");
  if (now < *built)
    return {"clock", Finding::bad, rfc3339(now), "It is behind: set it, and keep it with NTP."};
  return {"clock", Finding::good, rfc3339(now), {}};
}

Examined examine_private(const std::string& what, const std::string& path) {
  if (!std::filesystem::exists(path)) return {what, Finding::good, "not there yet", {}};
  if (is_private(path)) return {what, Finding::good, path, {}};
  return {what, Finding::bad, path + " may be read by others", "chmod 600 " + path};
}

/// Opens the database as `serve` would, if nobody else has it.
Examined examine_database(const std::string& db) {
  const std::string path = sqlite_path(db);
  if (!std::filesystem::exists(path)) return {"database", Finding::good, "not there yet", {}};
  const MasterKey master = load_master_key(master_key_path(db, {}), false);
  if (!master.problem.empty())
    return {"database", Finding::bad, master.problem, "Put the key back from where it is kept."};
  Settings settings;
  settings.server.db = db;
  const SystemClock machine_clock;
  storage::postgres::DatabaseClock clock(machine_clock);
  const std::unique_ptr<engine::Store> store = make_store(settings, master.key, clock);
  engine::Engine engine(*store, clock, engine_options(settings, master.key));
  const Status opened = engine.open();
  if (opened.ok()) return {"database", Finding::good, path + " opens", {}};
  const std::string advice = advice_for(opened.error());
  const bool in_use = error_text(opened.error()).find("locked") != std::string::npos;
  return {"database", in_use ? Finding::good : Finding::bad,
          in_use ? "in use by a server" : error_text(opened.error()), in_use ? "" : advice};
}

Examined examine_switch(const std::string& what, bool on, Finding otherwise, std::string advice) {
  if (on) return {what, Finding::good, "on", {}};
  return {what, otherwise, "off", std::move(advice)};
}

/// Whether a server keeps what was acknowledged, whatever happens to one machine.
Examined examine_standbys(const storage::postgres::ServerFacts& facts) {
  const std::string sync = std::to_string(facts.synchronous_standbys) + " synchronous, ";
  const std::string found = sync + std::to_string(facts.asynchronous_standbys) + " asynchronous";
  if (facts.synchronous_standbys > 0) return {"standbys", Finding::good, found, {}};
  if (facts.asynchronous_standbys > 0) {
    return {"standbys", Finding::warning, found,
            "Set synchronous_standby_names: an asynchronous standby lacks the last acknowledged "
            "sales."};
  }
  return {"standbys", Finding::warning, found,
          "Without a synchronous standby everything is lost with this server's disk."};
}

/// A server, asked for what sales depend on.
std::vector<Examined> examine_server(const std::string& db) {
  const auto facts = storage::postgres::examine(db);
  if (!facts.ok()) {
    return {{"server", Finding::bad, error_text(facts.error()), advice_for(facts.error())}};
  }
  const bool waits =
      facts->synchronous_commit == "on" || facts->synchronous_commit == "remote_apply";
  const std::int64_t off_s = facts->clock_ahead_us / 1'000'000;
  std::vector<Examined> out;
  out.push_back({"server", facts->version_number >= 150'000 ? Finding::good : Finding::bad,
                 "PostgreSQL " + facts->version,
                 facts->version_number >= 150'000 ? "" : "Use PostgreSQL 15 or newer."});
  out.push_back({"role", facts->is_standby ? Finding::bad : Finding::good,
                 facts->is_standby ? "standby" : "primary",
                 facts->is_standby
                     ? "Name all servers in the URL, with target_session_attrs=read-write."
                     : ""});
  out.push_back(examine_switch("fsync", facts->fsync, Finding::bad,
                               "Set fsync = on: a crash loses or breaks the database."));
  out.push_back(examine_switch("full_page_writes", facts->full_page_writes, Finding::bad,
                               "Set full_page_writes = on: a power cut breaks pages."));
  out.push_back({"synchronous_commit", waits ? Finding::good : Finding::bad,
                 facts->synchronous_commit,
                 waits ? "" : "Set synchronous_commit = on: acknowledged sales would be lost."});
  out.push_back(examine_switch("data_checksums", facts->data_checksums, Finding::warning,
                               "pg_checksums --enable, with the server stopped: flipped bits go "
                               "unnoticed."));
  out.push_back(examine_standbys(*facts));
  out.push_back({"clock of the server",
                 Finding::good,
                 std::to_string(off_s) + " s ahead of this machine's",
                 {}});
  return out;
}

/// What a database in a file stands on.
std::vector<Examined> examine_file(const std::string& db) {
  const std::string path = sqlite_path(db);
  const std::string folder = folder_of(path);
  return {examine_file_system(folder), examine_space(folder), examine_sync(folder),
          examine_private("database file", path), examine_database(db)};
}

ExitCode doctor(Console& console, const DoctorOptions& options) {
  const bool remote = is_postgres(options.db);
  if (!remote && sqlite_path(options.db).empty()) {
    console.error("--db must be sqlite:PATH or postgres://…");
    return ExitCode::usage;
  }
  std::vector<Examined> all = remote ? examine_server(options.db) : examine_file(options.db);
  all.push_back(examine_descriptors());
  all.push_back(examine_clock());
  all.push_back(examine_private("master key", master_key_path(options.db, {})));
  all.push_back(examine_private("operator key", files_of(options.db) + ".operator-key"));
  const bool bad = std::any_of(all.begin(), all.end(),
                               [](const Examined& each) { return each.finding == Finding::bad; });
  if (options.json) {
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("ok").boolean(!bad).key("examined").begin_array();
    for (const Examined& each : all) {
      json.begin_object().key("what").text(each.what).key("finding").text(
          name_of_finding(each.finding));
      json.key("found").text(each.found).key("advice").text(each.advice).end_object();
    }
    json.end_array().end_object();
    console.out << body << '\n';
  } else {
    TextTable table({"examined", "", "found", "what to do"});
    for (const Examined& each : all)
      table.add({each.what, std::string(name_of_finding(each.finding)), each.found, each.advice});
    table.print(console.out);
  }
  return bad ? ExitCode::failed : ExitCode::ok;
}

}  // namespace

void add_doctor_command(CommandTree& tree) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App& command =
      tree.add_command(tree.root(), "doctor",
                       {"tell what this machine and this database lack",
                        "Looks at the file system, the free space, how long a sync takes, the "
                        "limit of open files, the clock, who may\n"
                        "read the key files, and whether the database opens. Of a PostgreSQL "
                        "server it looks at the settings that decide\n"
                        "whether acknowledged sales survive, and at its standbys. Says what to do "
                        "about each. Exits with 1 if there is a\n"
                        "problem.",
                        {"doctor --db sqlite:/var/lib/stardrop/stardrop.db",
                         "doctor --db postgres://db.internal/stardrop", "doctor --json"}},
                       [&tree, options] { return doctor(tree.console(), *options); });
  command.add_option("--db", options->db, "The database: sqlite:PATH or postgres://….")
      ->type_name("DB")
      ->default_val(options->db);
  add_json_flag(command, options->json);
}

}  // namespace stardrop::app
