// The schemas inside an OpenAPI document: names for those that clients meet again, and the older
// dialect.
#pragma once

#include <nlohmann/json.hpp>

namespace stardrop::api {

/// Moves the schemas of bodies into `components`, each once, and refers to them by name: client
/// generators make one type of each.
void name_schemas(nlohmann::ordered_json& document);

/// Rewrites 3.1 schemas, and everything in them, as 3.0: `nullable` instead of type lists,
/// `example` instead of `examples`, one-word enums instead of `const`, bare references.
void lower_to_3_0(nlohmann::ordered_json& node);

}  // namespace stardrop::api
