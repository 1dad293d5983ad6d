// The pages at /docs: the reference of all routes, and the table of refusals.
#pragma once

#include <string>

namespace stardrop::api {

/// Every route with its fields, made of the same descriptions as the OpenAPI document.
std::string reference_page(bool dev);

/// Every refusal: code, status, kind, sentence.
std::string errors_page();

}  // namespace stardrop::api
