// Ends the process when a property of our own is broken.
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace stardrop {

void assertion_failed(std::string_view property, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: broken: %.*s\n", file, line, static_cast<int>(property.size()),
               property.data());
  std::abort();
}

}  // namespace stardrop
