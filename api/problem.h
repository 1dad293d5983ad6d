// Refusals as clients see them: RFC 9457 problem details.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json_writer.h"

namespace stardrop::api {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kProblemJson = "application/problem+json";

/// Writes the members of a problem: type, title, status, detail, code, param, retryable, facts.
void write_problem(JsonWriter& out, const Error& error);

/// A whole problem body. `instance` is the request's path without its query.
std::string problem_body(const Error& error,
                         std::string_view instance,
                         std::string_view request_id);

/// Seconds a client should wait before it tries again; 0 if there is nothing to wait for.
std::int64_t retry_after_s(const Error& error);

}  // namespace stardrop::api
