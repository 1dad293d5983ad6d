// The program inside a test, with its output caught.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "app/commands/all.h"

namespace stardrop::app {

/// Runs commands as if they were typed, off a terminal.
struct Program {
  std::ostringstream out;
  std::ostringstream err;
  Console console{out, err, {}, false, false};
  CommandTree tree{console};

  explicit Program(Environment environment = {}) {
    console.environment = std::move(environment);
    add_all_commands(tree);
  }
  ExitCode run(std::vector<std::string> arguments) { return tree.run(std::move(arguments)); }
};

}  // namespace stardrop::app
