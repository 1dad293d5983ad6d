// The demo: a small catalogue and three people with Stars.
#pragma once

#include <iosfwd>

#include "base/result.h"
#include "base/seal.h"
#include "engine/engine.h"

namespace stardrop::app {

/// Brings the demo in; again and again, it stays the same. Prints each account with a user's token,
/// one per line.
Status make_demo(engine::Engine& engine, const SecretKey& master_key, std::ostream& out);

}  // namespace stardrop::app
