// The operator's key of a development server, and the first one of a new database.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace stardrop::app {

/// A key, or why there is none.
struct OperatorKey {
  std::string secret;
  std::string file;     ///< where it is kept
  std::string problem;  ///< empty: fine
};

/// Makes an operator's key in the engine. The secret is nowhere but in the result.
OperatorKey make_operator_key(engine::Engine& engine, const std::string& label);

/// The key kept beside the database in `<path>.operator-key`, if it still `works`; else a new one,
/// kept there from now on. The file is readable by its owner only.
OperatorKey operator_key_of(const std::string& database_path,
                            engine::Engine& engine,
                            const std::function<bool(std::string_view)>& works);

}  // namespace stardrop::app
