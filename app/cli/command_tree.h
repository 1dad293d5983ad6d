// The tree of commands: what a person can type, with its manual page.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/cli/console.h"
#include "app/exit_code.h"

namespace stardrop::app {

/// What `--help` says about a command, besides its options.
struct Manual {
  std::string summary;                ///< one line
  std::string description;            ///< paragraphs
  std::vector<std::string> examples;  ///< `command  # what it does`, without the program's name
};

/// CLI11's tree with manual pages and bodies beside it.
class CommandTree {
 public:
  using Body = std::function<ExitCode()>;

  explicit CommandTree(Console& console);

  CLI::App& root() noexcept { return *root_; }
  const CLI::App& root() const noexcept { return *root_; }
  Console& console() noexcept { return console_; }

  /// A command that only holds others, such as `drop`.
  CLI::App& add_group(CLI::App& parent, std::string name, Manual manual);
  /// A command. `body` runs when the command line names it and is sound.
  CLI::App& add_command(CLI::App& parent, std::string name, Manual manual, Body body);

  /// Parses and runs. `arguments` are without the program's name.
  ExitCode run(std::vector<std::string> arguments);

  /// The page of a command: the short one of `-h`, or all of it.
  std::string help(const CLI::App& command, bool whole) const;

  /// The command and its options' long names, as one types it: `stardrop drop bench`.
  static std::string path_of(const CLI::App& command);

 private:
  ExitCode explain(const CLI::ParseError& error);
  const CLI::App& deepest() const;
  std::string wanted_instead(const CLI::App& command, std::string_view word) const;

  Console& console_;
  std::unique_ptr<CLI::App> root_;
  std::map<const CLI::App*, Manual> manuals_;
  Body chosen_;
  bool print_version_ = false;
};

/// A flag `--json`, for commands that print data.
void add_json_flag(CLI::App& command, bool& json);

/// The word of `known` that is most like `word`; empty if none is close.
std::string nearest_word(std::string_view word, const std::vector<std::string>& known);

/// The version as `--version` prints it, without the name.
std::string_view version_text();

}  // namespace stardrop::app
