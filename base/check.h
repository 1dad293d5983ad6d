// Assertions for mistakes only we can make; they stay on in release builds.
#pragma once

#include <string_view>

namespace stardrop {

/// Prints the broken property with its place and ends the process. Never returns.
[[noreturn]] void assertion_failed(std::string_view property, const char* file, int line) noexcept;

}  // namespace stardrop

/// Stops the program when `condition` is false. `property` is a sentence that names what must hold.
/// For our own mistakes only: whatever a user can cause is a `Result`.
#define STARDROP_ASSERT(condition, property)                        \
  do {                                                              \
    if (!(condition)) [[unlikely]] {                                \
      ::stardrop::assertion_failed((property), __FILE__, __LINE__); \
    }                                                               \
  } while (false)
