// buy-core: durable purchases in process, through the executor and the SQLite store.
#pragma once

#include <span>
#include <string_view>

namespace stardrop::bench {

/// Runs the benchmark with the arguments behind its name; returns the exit code. `--help` lists
/// them.
int buy_core(std::span<const std::string_view> arguments);

}  // namespace stardrop::bench
