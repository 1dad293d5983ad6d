// Help pages: what `-h` and `--help` print.
#include "app/cli/help_page.h"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/console.h"

namespace stardrop::app {

namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kColumnMax = 34;

struct Entry {
  std::string left;
  std::string right;
};

/// What CLI11 calls the type: the name we gave, then its checks, as in `N:INT in [1 - 64]`.
struct TypeName {
  std::string name;
  std::string range;  ///< `1 to 64`; empty if there is none
};

TypeName shown_type_of(const CLI::Option& option) {
  const std::string text = option.get_type_name();
  TypeName out{text.substr(0, text.find(':')), {}};
  const std::size_t open = text.find(" in [");
  const std::size_t dash = text.find(" - ", open);
  const std::size_t close = text.find(']', open);
  if (open == std::string::npos || dash == std::string::npos || close == std::string::npos)
    return out;
  const std::size_t low = open + 5;
  out.range = text.substr(low, dash - low) + " to " + text.substr(dash + 3, close - dash - 3);
  return out;
}

/// Breaks `text` into lines of at most `width` characters.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width)
      lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

void write_entries(std::string& out, const std::vector<Entry>& entries) {
  std::size_t column = 0;
  for (const Entry& entry : entries)
    column = std::max(column, std::min(width_of(entry.left), kColumnMax));
  for (const Entry& entry : entries) {
    const auto lines = wrapped(entry.right, kWidth - column - 4);
    std::string line = "  " + entry.left;
    std::size_t from = 0;
    if (width_of(entry.left) <= column) {
      line.append(column - width_of(entry.left) + 2, ' ');
      line += lines[0];
      from = 1;
    }
    out += line + "\n";
    for (std::size_t i = from; i < lines.size(); ++i)
      out += std::string(column + 4, ' ') + lines[i] + "\n";
  }
}

std::string names_of(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += (names.empty() ? "-" : ", -") + name;
  for (const std::string& name : option.get_lnames())
    names += (names.empty() ? "--" : ", --") + name;
  if (names.empty()) return option.get_name(true);
  if (option.get_items_expected_max() > 0) names += " " + shown_type_of(option).name;
  return names;
}

std::string synopsis(const CLI::App& command) {
  std::string out = CommandTree::path_of(command);
  bool options = false;
  std::string positionals;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) {
      const std::string name = option->get_name(true);
      positionals += option->get_required() ? " " + name : " [" + name + "]";
    } else if (option->get_required()) {
      out += " " + names_of(*option);
    } else {
      options = true;
    }
  }
  if (options) out += " [OPTION…]";
  out += positionals;
  if (!command.get_subcommands({}).empty()) out += " COMMAND";
  return out;
}

void write_options(std::string& out, const CLI::App& command) {
  std::vector<std::pair<std::string, std::vector<Entry>>> groups;
  for (const CLI::Option* option : command.get_options()) {
    const std::string& group = option->get_group();
    if (group.empty()) continue;
    const std::string title = option->get_positional() ? "Arguments" : group;
    auto at = std::find_if(groups.begin(), groups.end(),
                           [&](const auto& each) { return each.first == title; });
    if (at == groups.end()) at = groups.insert(groups.end(), {title, {}});
    std::string text = option->get_description();
    if (const TypeName type = shown_type_of(*option); !type.range.empty())
      text += " " + type.range + ".";
    if (!option->get_default_str().empty() && option->get_items_expected_max() > 0) {
      text += " Default: " + option->get_default_str() + ".";
    }
    at->second.push_back({names_of(*option), std::move(text)});
  }
  for (const auto& [title, entries] : groups) {
    out += "\n" + title + ":\n";
    write_entries(out, entries);
  }
}

}  // namespace

std::string help_page(const CLI::App& command, const Manual& manual, bool whole) {
  std::string out = CommandTree::path_of(command) + " - " + manual.summary + "\n";
  out += "\nUsage: " + synopsis(command) + "\n";
  if (whole && !manual.examples.empty()) {
    out += "\nExamples:\n";
    for (const std::string& example : manual.examples) out += "  stardrop " + example + "\n";
  }
  if (whole && !manual.description.empty()) out += "\n" + manual.description + "\n";
  if (const auto subs = command.get_subcommands({}); !subs.empty()) {
    out += "\nCommands:\n";
    std::vector<Entry> entries;
    for (const CLI::App* sub : subs) entries.push_back({sub->get_name(), sub->get_description()});
    write_entries(out, entries);
  }
  write_options(out, command);
  if (whole) {
    out += "\nExit codes: 0 ok, 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 unavailable.\n";
  } else {
    out += "\n--help tells more.\n";
  }
  return out;
}

}  // namespace stardrop::app
