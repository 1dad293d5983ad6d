// `drop watch`.
#pragma once

#include "app/cli/command_tree.h"

namespace stardrop::app {

/// Adds `watch` to the group `drop`.
void add_drop_watch(CommandTree& tree, CLI::App& group);

}  // namespace stardrop::app
