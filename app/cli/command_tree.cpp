// The tree of commands: what a person can type, with its manual page.
#include "app/cli/command_tree.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "app/cli/help_page.h"

#ifndef STARDROP_VERSION
#define STARDROP_VERSION "0.1.0"
#endif

namespace stardrop::app {

namespace {

/// Insertions, deletions, replacements and swaps of neighbours between two words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string_view version_text() { return STARDROP_VERSION; }

std::string nearest_word(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

void add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print JSON instead of text.");
}

CommandTree::CommandTree(Console& console)
    : console_(console), root_(std::make_unique<CLI::App>("", "stardrop")) {
  manuals_[root_.get()] = {
      "an economy of Stars and gifts for any app",
      "Runs the engine, talks to a running one, and looks after its database. Commands that talk "
      "to a\n"
      "server take --url and a key; commands that work on a database file take --db and refuse "
      "while a\n"
      "server has it open, `backup` excepted.",
      {"serve --dev --demo  # a shop to try, on http://127.0.0.1:8080",
       "doctor  # what this machine lacks",
       "drop bench --editions 5000,1000 --buyers 2000 --connections 64  # a storm of buyers"}};
  root_->set_help_flag("-h", "Print a short help.");
  root_->set_help_all_flag("--help", "Print the whole help.");
  root_->add_flag("--version", print_version_, "Print the version.");
  root_->require_subcommand(0, 1);
}

CLI::App& CommandTree::add_group(CLI::App& parent, std::string name, Manual manual) {
  CLI::App& group = *parent.add_subcommand(std::move(name), manual.summary);
  group.require_subcommand(1, 1);
  manuals_[&group] = std::move(manual);
  return group;
}

CLI::App& CommandTree::add_command(CLI::App& parent, std::string name, Manual manual, Body body) {
  CLI::App& command = *parent.add_subcommand(std::move(name), manual.summary);
  manuals_[&command] = std::move(manual);
  command.final_callback([this, body = std::move(body)] { chosen_ = body; });
  return command;
}

std::string CommandTree::path_of(const CLI::App& command) {
  std::string out = command.get_name();
  for (const CLI::App* up = command.get_parent(); up != nullptr; up = up->get_parent()) {
    out = up->get_name() + " " + out;
  }
  return out;
}

const CLI::App& CommandTree::deepest() const {
  const CLI::App* at = root_.get();
  for (;;) {
    const auto chosen = std::as_const(*at).get_subcommands({});
    const CLI::App* next = nullptr;
    for (const CLI::App* each : chosen) {
      if (each->parsed()) next = each;
    }
    if (next == nullptr) return *at;
    at = next;
  }
}

std::string CommandTree::help(const CLI::App& command, bool whole) const {
  const auto found = manuals_.find(&command);
  return help_page(command, found == manuals_.end() ? Manual{} : found->second, whole);
}

std::string CommandTree::wanted_instead(const CLI::App& command, std::string_view word) const {
  std::vector<std::string> known;
  if (word.starts_with("-")) {
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  } else {
    for (const CLI::App* sub : command.get_subcommands({})) known.push_back(sub->get_name());
  }
  return nearest_word(word.substr(0, word.find('=')), known);
}

ExitCode CommandTree::explain(const CLI::ParseError& error) {
  const CLI::App& at = deepest();
  std::string sentence = error.what();
  if (const auto extras = root_->remaining(true); !extras.empty()) {
    const std::string& word = extras.front();
    const bool option = word.starts_with("-");
    sentence = (option                           ? "there is no option "
                : at.get_subcommands({}).empty() ? "unexpected argument "
                                                 : "there is no command ") +
               printable(word);
    if (const std::string instead = wanted_instead(at, word); !instead.empty()) {
      sentence += "; did you mean " + instead + "?";
    }
  }
  console_.error(sentence);
  console_.note("Try: " + path_of(at) + " -h");
  return ExitCode::usage;
}

ExitCode CommandTree::run(std::vector<std::string> arguments) {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    root_->parse(std::move(arguments));
  } catch (const CLI::CallForAllHelp&) {
    console_.out << help(deepest(), true);
    return ExitCode::ok;
  } catch (const CLI::CallForHelp&) {
    console_.out << help(deepest(), false);
    return ExitCode::ok;
  } catch (const CLI::ParseError& error) {
    return explain(error);
  }
  if (print_version_) {
    console_.out << "stardrop " << version_text() << '\n';
    return ExitCode::ok;
  }
  if (!chosen_) {
    console_.err << help(*root_, false);
    return ExitCode::usage;
  }
  return chosen_();
}

}  // namespace stardrop::app
