// Several runs of the simulation, one seed after the other, each on a store of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "app/simulation/simulate.h"

namespace stardrop::simulation {

/// What a run stands on.
enum class StoreChoice : std::uint8_t {
  memory,
  sqlite  ///< with limits so small that everything a large economy needs happens
};

/// How far a campaign is.
struct Progress {
  std::uint64_t run = 0;    ///< finished before this one
  std::uint64_t steps = 0;  ///< of this one
  /// How often parts of a failed run were played again; 0 while none has failed.
  std::uint64_t plays = 0;
};

/// What to run.
struct Campaign {
  /// Of the first run; each later one has the next seed. `go_on` is the campaign's own.
  Plan plan;
  std::uint64_t runs = 1;
  StoreChoice store = StoreChoice::memory;
  /// Where databases may be made. They are removed.
  std::string folder;
  /// Told now and then; false ends the campaign.
  std::function<bool(const Progress&)> go_on = {};
};

/// What came of all runs together.
struct Summary {
  bool ended_early = false;
  std::uint64_t runs = 0;
  std::uint64_t commands = 0;
  std::uint64_t carried_out = 0;
  std::uint64_t replayed = 0;
  std::uint64_t refused = 0;
  std::uint64_t faults = 0;
  std::uint64_t audits = 0;
  std::map<std::string_view, std::uint64_t> by_command;  ///< carried out
  /// The first failure, with its seed; empty if all is well. Nothing is run after it.
  std::string failure;
  std::uint64_t failed_seed = 0;
  /// The shortest scenario found that fails, and how it fails.
  std::string story;
  std::string story_failure;
};

/// Runs a campaign.
Summary run(const Campaign& campaign);

}  // namespace stardrop::simulation
