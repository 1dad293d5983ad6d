// `completion`: scripts that complete commands and options in a shell.
#include "app/cli/completion.h"

#include <memory>
#include <ostream>

#include "app/commands/all.h"

namespace stardrop::app {

void add_completion_command(CommandTree& tree) {
  auto shell = std::make_shared<std::string>();
  CLI::App& command =
      tree.add_command(tree.root(), "completion",
                       {"print a completion script for a shell",
                        "Made of the same tree as this help, so it is never out of date.",
                        {"completion bash > /etc/bash_completion.d/stardrop",
                         "completion fish > ~/.config/fish/completions/stardrop.fish"}},
                       [&tree, shell] {
                         tree.console().out << completion_script(tree.root(), *shell).value_or("");
                         return ExitCode::ok;
                       });
  command.add_option("SHELL", *shell, "bash, zsh or fish.")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace stardrop::app
