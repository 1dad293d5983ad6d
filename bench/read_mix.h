// read-mix: nine reads to one purchase, over HTTP, by many connections.
#pragma once

#include <span>
#include <string_view>

namespace stardrop::bench {

/// Runs the benchmark with the arguments behind its name; returns the exit code. `--help` lists
/// them.
int read_mix(std::span<const std::string_view> arguments);

}  // namespace stardrop::bench
