// Reads the fields of one whole, already checked request.
#pragma once

#include <string_view>

#include "api/http/request.h"
#include "api/http/request_head.h"

namespace stardrop::api::http {

/// Parses `message` (head and body, as cut by RequestFramer) with Boost.Beast; all views of
/// `request` point into `message`.
///
/// Two readers must agree: false if Beast refuses what `check_head` accepted, or reads another
/// method, version or body length from it. `request.fields` keeps its capacity.
bool parse_request(std::string_view message, const RequestHead& head, Request& request);

}  // namespace stardrop::api::http
