// growth: what a purchase costs as the shop grows, and what is left behind.
#pragma once

#include <span>
#include <string_view>

namespace stardrop::bench {

/// Runs the benchmark with the arguments behind its name; returns the exit code. `--help` lists
/// them.
int growth(std::span<const std::string_view> arguments);

}  // namespace stardrop::bench
