// Matching of paths, segment by segment; there is one spelling of each path.
#include "api/route.h"

namespace stardrop::api {
namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  while (!path.empty() && path.front() == '/') {
    path.remove_prefix(1);
    const std::size_t end = path.find('/');
    out.push_back(path.substr(0, end));
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
  }
  return out;
}

std::string_view method_text(http::Method method) {
  switch (method) {
    case http::Method::get: return "GET";
    case http::Method::head: return "HEAD";
    case http::Method::post: return "POST";
    case http::Method::put: return "PUT";
    case http::Method::patch: return "PATCH";
    case http::Method::del: return "DELETE";
    case http::Method::options: return "OPTIONS";
  }
  return "";
}

}  // namespace

std::vector<std::string_view> Route::path_names() const {
  std::vector<std::string_view> out;
  for (const std::string_view segment : split(pattern)) {
    if (segment.starts_with('{')) out.push_back(segment.substr(1, segment.size() - 2));
  }
  return out;
}

bool route_allows(const Route& route, const Principal& principal) {
  if (route.access == Access::operator_only && principal.kind != ledger::KeyKind::operator_key) {
    return false;
  }
  return principal.may(route.scope);
}

Router::Router(std::span<const Route> routes) {
  for (const Route& route : routes) entries_.push_back({&route, split(route.pattern)});
}

Router::Match Router::find(http::Method method, std::string_view path) const {
  Match match;
  std::array<std::string_view, 12> parts;
  std::size_t count = 0;
  for (std::string_view rest = path; !rest.empty();) {
    if (rest.front() != '/' || count == parts.size()) return match;
    rest.remove_prefix(1);
    const std::size_t end = rest.find('/');
    parts[count++] = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  }
  const http::Method wanted = method == http::Method::head ? http::Method::get : method;
  for (const Entry& entry : entries_) {
    if (entry.segments.size() != count) continue;
    std::array<std::string_view, 3> values;
    std::size_t named = 0;
    bool fits = true;
    for (std::size_t i = 0; fits && i < count; ++i) {
      if (entry.segments[i].starts_with('{')) {
        values[named++] = parts[i];
      } else {
        fits = entry.segments[i] == parts[i];
      }
    }
    if (!fits) continue;
    match.path_known = true;
    if (entry.route->method == wanted) {
      match.route = entry.route;
      match.path_values = values;
      return match;
    }
    if (!match.allowed.empty()) match.allowed += ", ";
    match.allowed += method_text(entry.route->method);
  }
  return match;
}

}  // namespace stardrop::api
