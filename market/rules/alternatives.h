// What else a buyer might like who came too late.
#pragma once

#include <cstddef>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "ledger/edition.h"

namespace stardrop::market {

/// Most editions that are suggested.
inline constexpr std::size_t kAlternativesMax = 3;

/// Up to three editions of `editions` that are on sale at `now` and most like `wanted`, none for
/// premium accounts only unless that is too: those with more tags in common first, then those whose
/// price is nearest as a ratio, then older ones. A pure function; it looks at each edition once.
std::vector<EditionId> alternatives_to(const ledger::Edition& wanted,
                                       const std::vector<const ledger::Edition*>& editions,
                                       Instant now);

}  // namespace stardrop::market
