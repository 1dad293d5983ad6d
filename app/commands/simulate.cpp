// `simulate`: random economies on this machine, held against an independent model.
#include "app/commands/simulate.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <ostream>

#include "app/cli/interrupt.h"
#include "app/commands/all.h"
#include "app/remote/remote.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "base/temp_folder.h"

namespace stardrop::app {

namespace {

using simulation::Campaign;
using simulation::StoreChoice;
using simulation::Summary;

/// Short enough to be typed again.
constexpr std::uint64_t kDrawnSeeds = 1'000'000'000;

struct SimulateOptions {
  std::optional<std::int64_t> seed;
  std::int64_t runs = 20;
  std::int64_t commands = 5000;
  std::string store = "memory";
  bool faults = true;
  bool json = false;
};

class Bar {
 public:
  Bar(const Console& console, const Campaign& campaign)
      : bar_(console, "simulate"), campaign_(campaign) {}

  void show(const simulation::Progress& at) {
    if (at.plays > 0) {
      bar_.show(1, 1,
                "it fails; looking for the shortest scenario, try " + std::to_string(at.plays));
      return;
    }
    const std::uint64_t done = at.run * campaign_.plan.steps + at.steps;
    bar_.show(done, campaign_.runs * campaign_.plan.steps,
              grouped(static_cast<std::int64_t>(done)) + " commands, seed " +
                  std::to_string(campaign_.plan.seed + at.run));
  }

 private:
  ProgressBar bar_;
  const Campaign& campaign_;
};

std::string to_json(const Campaign& campaign, const Summary& summary) {
  std::string body;
  JsonWriter json(body);
  const auto count = [&](std::string_view name, std::uint64_t value) {
    json.key(name).integer(static_cast<std::int64_t>(value));
  };
  json.begin_object();
  json.key("ok").boolean(summary.failure.empty() && !summary.ended_early);
  count("seed", campaign.plan.seed);
  count("runs", summary.runs);
  json.key("store").text(campaign.store == StoreChoice::memory ? "memory" : "sqlite");
  count("commands", summary.commands);
  count("carried_out", summary.carried_out);
  count("answered_again", summary.replayed);
  count("refused", summary.refused);
  count("faults", summary.faults);
  count("audits", summary.audits);
  json.key("by_command").begin_object();
  for (const auto& [command, times] : summary.by_command) count(command, times);
  json.end_object();
  if (!summary.failure.empty()) {
    json.key("failure").text(summary.failure);
    count("failed_seed", summary.failed_seed);
  }
  json.end_object();
  return body;
}

/// The same object with the scenario as its last member: text has it apart, in lines.
std::string with_scenario(std::string body, const Summary& summary) {
  if (summary.failure.empty()) return body;
  body.pop_back();
  body += ",\"scenario\":";
  append_json_text(body, summary.story);
  return body + '}';
}

ExitCode simulate(Console& console, const SimulateOptions& options) {
  Campaign campaign;
  campaign.plan.seed =
      options.seed ? static_cast<std::uint64_t>(*options.seed) : 1 + entropy64() % kDrawnSeeds;
  campaign.plan.steps = static_cast<std::uint64_t>(options.commands);
  campaign.plan.faults = options.faults;
  campaign.runs = static_cast<std::uint64_t>(options.runs);
  campaign.store = options.store == "sqlite" ? StoreChoice::sqlite : StoreChoice::memory;
  return run_campaign(console, std::move(campaign), options.json);
}

}  // namespace

ExitCode run_campaign(Console& console, Campaign campaign, bool json) {
  const TempFolder folder;
  if (folder.path().empty()) {
    console.error(std::string("no temporary folder can be made: ") + std::strerror(errno));
    return ExitCode::failed;
  }
  campaign.folder = folder.path();
  const Interrupt interrupt;
  Summary summary;
  {
    Bar bar(console, campaign);
    campaign.go_on = [&](const simulation::Progress& at) {
      bar.show(at);
      return !interrupt.asked();
    };
    summary = simulation::run(campaign);
  }
  const std::string body = to_json(campaign, summary);
  print_object(console, json ? with_scenario(body, summary) : body, json);
  if (!summary.failure.empty()) {
    if (!json) console.out << '\n' << summary.story << "# " << summary.story_failure << '\n';
    console.error(summary.failure);
    console.note("Try: stardrop simulate --seed " + std::to_string(summary.failed_seed) +
                 " --commands " + std::to_string(campaign.plan.steps) + " --store " +
                 (campaign.store == StoreChoice::sqlite ? "sqlite" : "memory") +
                 (campaign.plan.faults ? "" : " --no-faults"));
    return ExitCode::failed;
  }
  if (summary.ended_early) {
    console.error("interrupted; nothing was wrong so far");
    return ExitCode::failed;
  }
  return ExitCode::ok;
}

void add_simulate_command(CommandTree& tree) {
  auto options = std::make_shared<SimulateOptions>();
  CLI::App& command = tree.add_command(
      tree.root(), "simulate",
      {"try the engine with random economies, faults included",
       "Makes up people, editions, payments and purchases, sensible and hostile, from a seed, and "
       "carries them out on\n"
       "a store of its own, which is removed. Every answer is held against an independent model of "
       "the rules, the\n"
       "books are audited after every batch (every tenth, from 3000 commands on), and at the end "
       "every row is compared\n"
       "and the journal replayed. Meanwhile loads and commits fail, with and without having been "
       "written.\n"
       "\n"
       "The same seed gives the same run. If anything is wrong it looks for the shortest scenario "
       "that shows it,\n"
       "prints that with the seed, and exits with 1: please report it.",
       {"simulate", "simulate --runs 50 --store sqlite",
        "simulate --seed 7 --commands 2000 --json"}},
      [&tree, options] { return simulate(tree.console(), *options); });
  command
      .add_option(
          "--seed", options->seed,
          "What everything is made from; each further run has the next one. Default: drawn.")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1} << 53));
  command.add_option("--runs", options->runs, "How many economies.")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->default_val(options->runs);
  command.add_option("--commands", options->commands, "How many commands in each, at least.")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000'000))
      ->default_val(options->commands);
  command
      .add_option("--store", options->store,
                  "memory, or sqlite with limits so small that everything a large database does "
                  "happens.")
      ->type_name("STORE")
      ->check(CLI::IsMember({"memory", "sqlite"}))
      ->default_val(options->store);
  command.add_flag("--faults,!--no-faults", options->faults,
                   "Whether loads and commits fail now and then. Default: they do.");
  add_json_flag(command, options->json);
}

}  // namespace stardrop::app
