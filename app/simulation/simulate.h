// The simulation: a seed's workload on an executor with faults, held against the model.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/envelope.h"
#include "engine/store.h"
#include "storage/faulty/faulty_store.h"

namespace stardrop::simulation {

using storage::CommitFault;

/// One batch as it was asked for, what the clock showed, and what went wrong below it.
struct Act {
  Instant clock;
  std::vector<engine::Request> requests;
  /// What the requests that were carried out answered, so that ids can be told apart when the act
  /// is played again without some that came before.
  std::vector<std::optional<market::AnyReply>> replies;
  CommitFault commit_fault = CommitFault::none;
  std::uint64_t load_fault = 0;
};

/// What to simulate.
struct Plan {
  std::uint64_t seed = 1;
  std::uint64_t steps = 2000;
  bool faults = true;
  /// What else is wrong with an outcome, in a sentence; to try the simulation itself.
  std::function<std::string(const engine::Request&, const engine::Outcome&)> suspicion = {};
  /// Asked before every batch, with the requests made so far; false ends the run as if `steps` were
  /// reached. Acts that are played again don't ask.
  std::function<bool(std::uint64_t steps)> go_on = {};
};

/// What came of it.
struct Report {
  /// What went wrong first, with the seed and the step; empty if nothing did.
  std::string failure;
  /// Everything up to there as a scenario.
  std::string story;
  /// The same to be played again.
  std::vector<Act> acts;
  std::uint64_t steps = 0;
  std::uint64_t carried_out = 0;
  std::uint64_t replayed = 0;
  std::uint64_t refused = 0;
  std::uint64_t faults = 0;
  std::uint64_t audits = 0;
  /// How often each command was carried out.
  std::map<std::string_view, std::uint64_t> by_command;
};

/// Runs a plan on an empty store.
Report simulate(engine::Store& store, const Plan& plan);

/// Plays acts, all or some of those of a report, on an empty store.
Report play(engine::Store& store, const Plan& plan, const std::vector<Act>& acts);

}  // namespace stardrop::simulation
