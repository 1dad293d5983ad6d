// `drop`: publish a limited edition, watch it sell, and rehearse a storm of buyers.
#include <fstream>
#include <memory>
#include <ostream>

#include "app/commands/all.h"
#include "app/commands/drop_watch.h"
#include "app/drop_bench/drop_bench.h"
#include "app/remote/engine_command.h"
#include "app/remote/remote.h"
#include "market/commands/all.h"

namespace stardrop::app {

namespace {

struct BenchCommand {
  BenchOptions bench;
  std::string replays = "20%";
  std::string over_cap = "10%";
  std::string poor = "10%";
  std::string key_file;
  std::string html;
  std::string json_file;
  bool json = false;
};

bool read_percent(const std::string& text, std::int64_t& out) {
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  if (digits.empty() || digits.size() > 2 ||
      digits.find_first_not_of("0123456789") != std::string_view::npos)
    return false;
  out = 0;
  for (const char c : digits) out = out * 10 + (c - '0');
  return true;
}

bool write_file(const Console& console, const std::string& path, const std::string& text) {
  if (path.empty()) return true;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.flush();
  if (!file) console.error(path + " can't be written");
  return static_cast<bool>(file);
}

ExitCode bench(CommandTree& tree, BenchCommand command) {
  Console& console = tree.console();
  BenchOptions& options = command.bench;
  if (!read_percent(command.replays, options.replays) ||
      !read_percent(command.over_cap, options.over_cap) ||
      !read_percent(command.poor, options.poor)) {
    console.error("--replays, --over-cap and --poor are percentages, such as 20%");
    return ExitCode::usage;
  }
  if (options.urls.empty()) {
    const std::string_view url = value_in(console.environment, "STARDROP_URL");
    options.urls.emplace_back(url.empty() ? "http://127.0.0.1:8080" : url);
  }
  if (options.key.empty()) {
    FoundKey found = find_key(command.key_file, console.environment);
    if (!found.problem.empty()) {
      console.error(found.problem);
      return ExitCode::usage;
    }
    options.key = std::move(found.key);
  }
  if (const auto problem = check_bench_options(options)) {
    console.error(*problem);
    return ExitCode::usage;
  }
  BenchResult result = run_drop_bench(options, console);
  if (!result.report) {
    console.error(result.failure);
    return result.failure.starts_with("no server answers") ? ExitCode::unavailable
                                                           : ExitCode::failed;
  }
  const std::string json = report_json(*result.report);
  if (command.json) {
    console.out << json;
  } else {
    print_report(*result.report, console.out);
  }
  const bool written = write_file(console, command.json_file, json) &&
                       write_file(console, command.html, report_html(*result.report));
  return written && result.report->ok() ? ExitCode::ok : ExitCode::failed;
}

void add_bench(CommandTree& tree, CLI::App& group) {
  auto command = std::make_shared<BenchCommand>();
  BenchOptions& o = command->bench;
  CLI::App& app = tree.add_command(
      group, "bench",
      {"replay Telegram's first drop with a crowd of buyers",
       "Creates editions and buyers with Stars, then lets them all buy at once: more want a gift "
       "than there are,\n"
       "some ask twice under the same key, some ask for more than they may, some have no Stars. "
       "Requests whose outcome\n"
       "is unknown are sent again under the same key. Everything the server acknowledged is "
       "remembered and compared\n"
       "with what it counts in the end and with its own audit: every serial once, nothing sold "
       "twice, every replay\n"
       "byte for byte. Exits with 1 if anything does not add up.\n\n"
       "What it creates stays in the database: use one that you can throw away.",
       {"drop bench --editions 5000,1000 --buyers 3000 --connections 64",
        "drop bench --batch 100 --pipeline 4 --report drop.html --report-json drop.json"}},
      [&tree, command] { return bench(tree, *command); });
  app.add_option(
         "--url", o.urls,
         "The server; several share the buyers. Default: STARDROP_URL, else http://127.0.0.1:8080.")
      ->type_name("URL")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--key", o.key, "An operator's key; else --key-file, else STARDROP_KEY.")
      ->type_name("KEY");
  app.add_option("--key-file", command->key_file, "File with the key, readable by you only.")
      ->type_name("FILE");
  app.add_option("--editions", o.editions, "Supply of each edition.")
      ->type_name("N,…")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->default_str("500000,100000");
  const auto number = [&](const char* name, std::int64_t& value, std::int64_t low,
                          std::int64_t high, const char* text) {
    app.add_option(name, value, text)
        ->type_name("N")
        ->check(CLI::Range(low, high))
        ->default_val(value);
  };
  number("--buyers", o.buyers, 1, 50'000'000, "How many accounts want a gift.");
  number("--connections", o.connections, 1, 60'000, "Keep-alive connections they share.");
  number("--pipeline", o.pipeline, 1, 64, "Requests in flight on one connection.");
  number("--batch", o.batch, 1, 1000, "Purchases in one request; above 1 through POST /v1/batch.");
  number("--stars", o.stars, 1, 1'000'000, "Price of a gift.");
  number("--per-account", o.per_account, 0, 60'000,
         "Most one account may buy of an edition; 0: enough to sell out.");
  app.add_option("--attempts", o.attempts, "Attempts per gift.")
      ->type_name("X")
      ->check(CLI::Range(0.1, 100.0))
      ->default_val(o.attempts);
  app.add_option("--replays", command->replays,
                 "Share of attempts that repeat an acknowledged one.")
      ->type_name("N%")
      ->default_str("20%");
  app.add_option("--over-cap", command->over_cap, "Share by accounts that have all they may have.")
      ->type_name("N%")
      ->default_str("10%");
  app.add_option("--poor", command->poor, "Share by accounts without Stars.")
      ->type_name("N%")
      ->default_str("10%");
  number("--refusal-seconds", o.refusal_s, 0, 3600,
         "How long late buyers go on after the end, at least.");
  number("--patience", o.patience_s, 1, 86'400, "Longest wait for a conclusive answer, seconds.");
  app.add_option("--seed", o.seed, "Who tries what, and when.")
      ->type_name("N")
      ->default_val(o.seed);
  app.add_option("--report", command->html, "Write a page with plots.")->type_name("FILE");
  app.add_option("--report-json", command->json_file, "Write the report as JSON.")
      ->type_name("FILE");
  add_json_flag(app, command->json);
}

}  // namespace

void add_drop_commands(CommandTree& tree) {
  CLI::App& group = tree.add_group(
      tree.root(), "drop",
      {"sell a limited edition",
       "A drop is an edition with a supply: so many gifts, each with its serial, "
       "and then never again.",
       {"drop create --title 'Winter Star' --stars 25 --supply 500000 --per-account 5",
        "drop watch lollipop", "drop bench --editions 5000 --buyers 3000"}});
  add_engine_command(
      tree, group, "create",
      {"publish an edition",
       "Without --supply it is unlimited. With --sale-opens-at it is announced and opens then.",
       {"drop create --title 'Winter Star' --stars 25 --supply 500000 --per-account 5",
        "drop create --title 'Spring Star' --stars 50 --supply 100000 --sale-opens-at "
        "2030-04-01T12:00:00Z"}},
      {"create_edition", params_of<market::CreateEdition>(), {}, {}});
  add_drop_watch(tree, group);
  add_bench(tree, group);
}

}  // namespace stardrop::app
