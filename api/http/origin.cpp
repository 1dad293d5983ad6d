// Which pages may open live streams.
#include "api/http/origin.h"

#include <algorithm>

#include "api/http/text.h"

namespace stardrop::api::http {
namespace {

bool equals_without_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

}  // namespace

bool is_origin_allowed(const Request& request, const std::vector<std::string>& allowed) {
  if (!request.has_header("origin")) return true;
  const std::string_view origin = request.origin();
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end == std::string_view::npos) return false;
  const std::string_view scheme = origin.substr(0, scheme_end);
  const bool web = equals_lower(scheme, "http") || equals_lower(scheme, "https");
  if (web && equals_without_case(origin.substr(scheme_end + 3), request.host())) return true;
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& entry) { return equals_without_case(origin, entry); });
}

}  // namespace stardrop::api::http
