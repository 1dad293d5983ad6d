// Which pages may open live streams.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http/request.h"

namespace stardrop::api::http {

/// True without an Origin header (no browser page asks), for a page of the request's own host under
/// either scheme, and for the origins in `allowed` (compared without case). `Origin: null` is never
/// allowed.
bool is_origin_allowed(const Request& request, const std::vector<std::string>& allowed);

}  // namespace stardrop::api::http
