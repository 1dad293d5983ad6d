// The program: runs the command that was typed.
#include <iostream>
#include <string>
#include <vector>

#include <unistd.h>

#include "app/cli/command_tree.h"
#include "app/commands/all.h"

int main(int argc, char** argv) {
  stardrop::app::Console console{std::cout, std::cerr, stardrop::app::process_environment(),
                                 ::isatty(STDOUT_FILENO) == 1, ::isatty(STDERR_FILENO) == 1};
  stardrop::app::CommandTree tree(console);
  stardrop::app::add_all_commands(tree);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto code = tree.run(arguments);
  std::cout.flush();
  return static_cast<int>(std::cout ? code : stardrop::app::ExitCode::failed);
}
