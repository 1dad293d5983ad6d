// Help pages: what `-h` and `--help` print.
#pragma once

#include <string>

#include "app/cli/command_tree.h"

namespace stardrop::app {

/// The page of `command`, in the order of a manual page. The short one has no description, examples
/// or exit codes.
std::string help_page(const CLI::App& command, const Manual& manual, bool whole);

}  // namespace stardrop::app
