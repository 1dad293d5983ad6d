// The simulation: a seed's workload on an executor with faults, held against the model.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/store.h"

namespace stardrop::simulation {

/// What to simulate.
struct Plan {
  std::uint64_t seed = 1;
  std::uint64_t steps = 2000;
  bool faults = true;
};

/// What came of it.
struct Report {
  /// What went wrong first, with the seed and the step; empty if nothing did.
  std::string failure;
  /// Everything up to there as a scenario.
  std::string story;
  std::uint64_t steps = 0;
  std::uint64_t carried_out = 0;
  std::uint64_t replayed = 0;
  std::uint64_t faults = 0;
  /// How often each command was carried out.
  std::map<std::string_view, std::uint64_t> by_command;
};

/// Runs a plan on an empty store.
Report simulate(engine::Store& store, const Plan& plan);

}  // namespace stardrop::simulation
