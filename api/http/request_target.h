// Checks a request target, so that the router sees one spelling of every path.
#pragma once

#include <string_view>

#include "api/http/door.h"

namespace stardrop::api::http {

/// Accepts only origin-form (RFC 9112 3.2.1): a path in RFC 3986 characters with an optional query.
///
/// Refused: absolute, authority and asterisk form, fragments, non-ASCII, half escapes, `%00`; and
/// in the path: empty or dotted segments (also escaped), `%2f`, `%5c`, escaped control characters,
/// and escapes that are not UTF-8 (overlong forms included). One final slash is left to the router.
Door check_target(std::string_view target);

/// The part of a checked target before `?`.
std::string_view path_of(std::string_view target);

/// The part of a checked target after `?`; empty if there is none.
std::string_view query_of(std::string_view target);

}  // namespace stardrop::api::http
