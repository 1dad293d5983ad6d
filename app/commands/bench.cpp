// `bench`: how many durable purchases a second this machine can make.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <ostream>

#include "app/cli/interrupt.h"
#include "app/commands/all.h"
#include "app/engine_bench/buy_core.h"
#include "app/local/file_system.h"
#include "app/local/local_engine.h"
#include "app/local/master_key.h"
#include "app/redact.h"
#include "base/json_writer.h"
#include "base/temp_folder.h"

namespace stardrop::app {

namespace {

using bench::BuyCoreFigures;

struct EngineBenchOptions {
  std::string what = "buy-core";
  bench::ShopPlan plan{.accounts = 100'000,
                       .editions = 1,
                       .per_account = 0,
                       .store = {},
                       .postgres = {}};
  std::int64_t seconds = 5;
  std::vector<std::int64_t> batches = {1, 10, 100, 1000};
  bool ask = false;
  std::string path;
  std::string db;
  bool keep = false;
  bool reuse = false;
  std::int64_t redo_mb = 0;
  std::int64_t wal_mb = 0;
  std::int64_t cache_mb = 0;
  std::string synchronous = "full";
  bool no_checksums = false;
  bool json = false;
};

void print_json(Console& console, const BuyCoreFigures& figures) {
  std::string body;
  JsonWriter json(body);
  const auto count = [&](std::string_view name, std::uint64_t value) {
    json.key(name).integer(static_cast<std::int64_t>(value));
  };
  json.begin_object();
  json.key("batch").integer(figures.batch);
  json.key("per_second").integer(figures.per_second);
  json.key("cpu_us").raw(fixed(figures.cpu_us, 2));
  json.key("written").integer(figures.written);
  json.key("p50_us").integer(figures.p50_us);
  json.key("p99_us").integer(figures.p99_us);
  json.key("max_us").integer(figures.max_us);
  count("checkpoints", figures.checkpoints);
  count("sweeps", figures.sweeps);
  count("rows_written_back", figures.rows_written_back);
  count("redo_bytes", figures.redo_bytes);
  count("wal_bytes", figures.wal_bytes);
  json.end_object();
  console.out << body << std::endl;  // whoever asked for this batch waits for it
}

/// Stocks a shop and buys from it.
class EngineBench {
 public:
  EngineBench(Console& console, const EngineBenchOptions& options, const bench::ShopPlan& plan)
      : console_(console), options_(options), plan_(plan), shop_(plan) {}

  ExitCode run() {
    if (Status opened = shop_.open(); !opened) return failed(opened.error());
    {
      ProgressBar bar(console_, "accounts");
      const Status stocked = shop_.stock([&](std::int64_t made) {
        bar.show(static_cast<std::uint64_t>(made), static_cast<std::uint64_t>(plan_.accounts),
                 grouped(made));
        return !interrupt_.asked();
      });
      if (!stocked) return failed(stocked.error());
    }
    const ExitCode code = options_.ask ? answer() : measure_all();
    if (measured_ && !options_.json) table_.print(console_.out);
    if (code != ExitCode::ok) return code;
    if (Status closed = shop_.close(); !closed) return failed(closed.error());
    return ExitCode::ok;
  }

 private:
  ExitCode failed(const Error& error) {
    return fail(console_, error,
                options_.db.empty() ? plan_.store.path : without_password(options_.db));
  }

  ExitCode measure_all() {
    for (const std::int64_t batch : options_.batches) {
      if (const ExitCode code = measure(batch); code != ExitCode::ok) return code;
    }
    return ExitCode::ok;
  }

  /// Measures the batches that another program asks for, when it asks.
  ExitCode answer() {
    console_.out << "ready" << std::endl;
    std::int64_t batch = 0;
    while (std::cin >> batch) {
      if (batch < 1) break;
      if (const ExitCode code = measure(batch); code != ExitCode::ok) return code;
    }
    if (std::cin.eof()) return ExitCode::ok;
    console_.error("expected the size of a batch");
    return ExitCode::usage;
  }

  ExitCode measure(std::int64_t batch) {
    ProgressBar bar(console_, "batches of " + grouped(batch));
    const auto whole_us = static_cast<std::uint64_t>(options_.seconds * 1'000'000);
    const auto figures =
        bench::buy_core(shop_, batch, options_.seconds, [&](std::int64_t worked_us) {
          bar.show(static_cast<std::uint64_t>(worked_us), whole_us);
          return !interrupt_.asked();
        });
    bar.clear();
    if (interrupt_.asked()) {
      console_.error("interrupted");
      return ExitCode::failed;
    }
    if (!figures.ok()) return failed(figures.error());
    measured_ = true;
    if (options_.json) {
      print_json(console_, *figures);
    } else {
      table_.add({grouped(batch), grouped(figures->per_second), fixed(figures->cpu_us, 2),
                  grouped(figures->written), grouped(figures->p50_us), grouped(figures->p99_us),
                  grouped(figures->max_us)});
    }
    return ExitCode::ok;
  }

  Console& console_;
  const EngineBenchOptions& options_;
  const bench::ShopPlan& plan_;
  const Interrupt interrupt_;
  bench::Shop shop_;
  bool measured_ = false;
  TextTable table_{
      {"batch", "per second", "cpu us", "bytes written", "p50 us", "p99 us", "max us"}};
};

/// What the command line says about the store.
bench::ShopPlan plan_of(const EngineBenchOptions& options, std::string path) {
  bench::ShopPlan plan = options.plan;
  plan.store.path = std::move(path);
  if (options.synchronous == "off") plan.store.synchronous = storage::Synchronous::off;
  plan.store.page_checksums = !options.no_checksums;
  const auto set_mb = [](std::int64_t mb, std::size_t& bytes) {
    if (mb > 0) bytes = static_cast<std::size_t>(mb) << 20U;
  };
  set_mb(options.redo_mb, plan.store.redo_bytes_max);
  set_mb(options.wal_mb, plan.store.wal_bytes_max);
  set_mb(options.cache_mb, plan.store.cache_bytes_max);
  return plan;
}

/// In a folder that goes away with it: on the disk that a server started here would use.
ExitCode run_in_temp_folder(Console& console, const EngineBenchOptions& options) {
  std::error_code none;
  const TempFolder folder(std::filesystem::is_directory("var", none) ? "var" : "");
  if (folder.path().empty()) {
    console.error(std::string("no temporary folder can be made: ") + std::strerror(errno));
    return ExitCode::failed;
  }
  if (file_system_of(folder.path()) == FileSystem::memory) {
    console.warn(folder.path() + " is in memory, not on a disk: name a file with --path");
  }
  return EngineBench(console, options, plan_of(options, folder / "bench.db")).run();
}

ExitCode run_at_path(Console& console, const EngineBenchOptions& options) {
  const bool existed = std::filesystem::exists(options.path);
  if (existed && !options.reuse) {
    console.error(options.path +
                  " exists already: what is bought would stay in it. Say --reuse if "
                  "you mean it.");
    return ExitCode::refused;
  }
  if (!existed && options.reuse) {
    console.error(options.path + " does not exist");
    return ExitCode::not_found;
  }
  keep_new_files_private();
  const ExitCode code = EngineBench(console, options, plan_of(options, options.path)).run();
  if (!existed && !options.keep) bench::remove_database(options.path);
  return code;
}

ExitCode run_engine_bench(Console& console, const EngineBenchOptions& options) {
  if (options.path.empty() && (options.keep || options.reuse)) {
    console.error("--keep and --reuse need --path");
    return ExitCode::usage;
  }
  if (options.ask && !options.json) {
    console.error("--ask needs --json");
    return ExitCode::usage;
  }
  if (!options.db.empty()) {
    if (!options.path.empty() || !is_postgres(options.db)) {
      console.error("--db is postgres://…, without --path");
      return ExitCode::usage;
    }
    bench::ShopPlan plan = options.plan;
    plan.postgres = options.db;
    return EngineBench(console, options, plan).run();
  }
  return options.path.empty() ? run_in_temp_folder(console, options)
                              : run_at_path(console, options);
}

/// Options that make it another shop or another store, to compare.
void add_comparisons(CLI::App& command, EngineBenchOptions& options) {
  const auto number = [&](const char* name, std::int64_t& value, const char* text, int least = 0) {
    return command.add_option(name, value, text)
        ->type_name("N")
        ->check(CLI::Range(least, 1'000'000))
        ->group("Comparisons");
  };
  number("--editions", options.plan.editions, "Editions that sell at once.", 1)
      ->default_val(options.plan.editions);
  number("--per-account", options.plan.per_account,
         "A cap per account, which adds a row per buyer. Default: none.");
  number("--redo-mb", options.redo_mb, "Redo log before rows are written back.");
  number("--wal-mb", options.wal_mb, "Write-ahead log before it is moved into the file.");
  number("--cache-mb", options.cache_mb, "Memory for loaded rows.");
  command
      .add_option("--synchronous", options.synchronous, "full waits for the disk, off does not.")
      ->type_name("HOW")
      ->check(CLI::IsMember({"full", "off"}))
      ->default_val(options.synchronous)
      ->group("Comparisons");
  command
      .add_flag("--write-through", options.plan.store.write_through,
                "Write every changed row with its batch.")
      ->group("Comparisons");
  command.add_flag("--no-checksums", options.no_checksums, "No checksum on pages.")
      ->group("Comparisons");
}

}  // namespace

void add_bench_command(CommandTree& tree) {
  auto options = std::make_shared<EngineBenchOptions>();
  CLI::App& command = tree.add_command(
      tree.root(), "bench",
      {"measure how many durable purchases this machine can make",
       "Opens accounts with Stars in a new database, then buys gifts of one hot edition in "
       "batches, "
       "in this process:\n"
       "each batch is one transaction, on the disk before it is answered. A server makes its "
       "batches "
       "by itself, the\n"
       "larger the more requests wait. Prints purchases a second, processor time and bytes given "
       "to "
       "the disk for each,\n"
       "and how long a batch took; with --json one object a line, which also says what the store "
       "did.\n"
       "\n"
       "The database is made in a folder of its own, in var/ if that is there, else where the "
       "system keeps temporary\n"
       "files, and removed. To measure another disk, name a file there with --path. `drop bench` "
       "measures a running\n"
       "server.",
       {"bench", "bench --batches 1,1000 --seconds 2 --json",
        "bench buy-core --accounts 1000000 --path /mnt/other/bench.db"}},
      [&tree, options] { return run_engine_bench(tree.console(), *options); });
  command.add_option("WHAT", options->what, "buy-core, the only one so far.")
      ->check(CLI::IsMember({"buy-core"}));
  command.add_option("--batches", options->batches, "Purchases in one commit.")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 100'000))
      ->default_str("1,10,100,1000");
  command
      .add_option("--seconds", options->seconds,
                  "How long batches of each size are bought; 0: a few hundred of them.")
      ->type_name("N")
      ->check(CLI::Range(0, 3600))
      ->default_val(options->seconds);
  command.add_option("--accounts", options->plan.accounts, "How many buyers.")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000'000))
      ->default_val(options->plan.accounts);
  command.add_option("--path", options->path, "The database to make; its folder must be there.")
      ->type_name("FILE");
  command
      .add_option("--db", options->db,
                  "A PostgreSQL database instead, postgres://…; what is bought stays in it.")
      ->type_name("DB");
  command.add_flag("--keep", options->keep, "Don't remove the database made at --path.");
  command.add_flag("--reuse", options->reuse,
                   "Buy from the database that is at --path, and leave it there.");
  command.add_flag(
      "--ask", options->ask,
      "Read sizes of batches from standard input, one a line, and measure each when it "
      "comes.");
  add_comparisons(command, *options);
  add_json_flag(command, options->json);
}

}  // namespace stardrop::app
