// The shortest run that still fails.
#pragma once

#include <functional>
#include <vector>

#include "app/simulation/simulate.h"

namespace stardrop::simulation {

/// Plays acts on a fresh store.
using Player = std::function<Report(const std::vector<Act>&)>;

/// Looks for as few requests as possible that still fail, beginning with those of `failed`: the
/// shortest prefix by bisection, then without ever smaller parts, one by one in the end. Returns
/// the report of what is left, or `failed` itself if it doesn't fail when it is played again.
Report minimise(const Report& failed, const Player& play);

}  // namespace stardrop::simulation
