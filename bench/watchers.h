// watchers: many live watchers of a drop, each of whom must see its end.
#pragma once

#include <span>
#include <string_view>

namespace stardrop::bench {

/// Runs the benchmark with the arguments behind its name; returns the exit code. `--help` lists
/// them.
int watchers(std::span<const std::string_view> arguments);

}  // namespace stardrop::bench
