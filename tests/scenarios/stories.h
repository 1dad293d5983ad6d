// The stories: their texts, and what holds at the end of each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/executor.h"

namespace stardrop::testing {

/// Every scenario's text by name.
std::map<std::string, std::string> scenarios();
/// Their names, in order.
std::vector<std::string> names_of_scenarios();

/// Everything the executor has committed to its store.
std::unique_ptr<engine::Snapshot> snapshot_of(engine::Executor& executor, engine::Store& store);
/// What holds whatever the story was: the books balance, the journal tells the same again.
void expect_sound(engine::Snapshot& snapshot, const Clock& clock);

}  // namespace stardrop::testing
