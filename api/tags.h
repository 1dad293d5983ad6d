// The groups of routes, in a sentence each.
#pragma once

#include <string_view>

namespace stardrop::api {

/// What the routes with this tag are about; for pages and documents.
std::string_view about_tag(std::string_view tag);

}  // namespace stardrop::api
