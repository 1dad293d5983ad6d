// Weighed sums: one number that compares many accounts at once.
#pragma once

#include <cstdint>

#include "market/command.h"

namespace stardrop::market {

/// Wide enough for any sum of weighed amounts of one command.
__extension__ using Weighed = __int128;

/// A small number per id. A sum of weighed amounts is off for a wrong id as well as for a wrong
/// amount.
constexpr std::int64_t weight_of(std::int64_t id) noexcept {
  const auto x = static_cast<std::uint64_t>(id) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::int64_t>(x >> 40U) + 1;
}

}  // namespace stardrop::market
