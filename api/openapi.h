// The OpenAPI documents, made of the list of routes and the field descriptions.
#pragma once

#include <string>
#include <string_view>

namespace stardrop::api {

/// OpenAPI 3.1; with the routes of development servers, or without.
std::string openapi_document(std::string_view version, bool dev);

/// The same as OpenAPI 3.0.3, for tools that know no newer one: `nullable` instead of type lists,
/// `example` instead of `examples`, one-word enums instead of `const`.
std::string openapi_3_0_document(std::string_view version, bool dev);

}  // namespace stardrop::api
