// How a store refuses: for a reason that scripts and `doctor` know by name.
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace stardrop::storage {

/// Refused with storage_unavailable, a sentence, and the fact `reason`.
inline Error refused(std::string detail, std::string reason) {
  return Error(ErrorCode::storage_unavailable)
      .detail(std::move(detail))
      .with("reason", std::move(reason));
}

}  // namespace stardrop::storage
