// A route: method and path pattern, who may call it, what it takes and answers, and what it does.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/exchange.h"
#include "api/principal.h"
#include "base/result.h"

namespace stardrop::api {

class Api;
struct ThreadState;
struct Route;

/// The one answer a request gets: JSON or a problem, with its request id, counted by route.
class Responder {
 public:
  Responder(Api& api, http::ExchangePtr exchange, const Route* route, std::int64_t begun_us);

  const http::Request& request() const { return exchange_->request(); }
  const http::ExchangePtr& exchange() const { return exchange_; }

  /// Answers with JSON. GET requests get an `ETag` and, if it is what the client has, a 304.
  void json(unsigned status, std::string body, std::span<const http::HeaderField> extra = {});
  /// Answers with a refusal.
  void problem(const Error& error, std::span<const http::HeaderField> extra = {});
  /// Answers with a refusal whose members are written already.
  void problem_members(ErrorCode code, std::string_view members);
  /// Answers with something else.
  void text(unsigned status, std::string_view content_type, std::string body);
  /// The client's request id if it sent a sound one, else one of ours.
  std::string request_id() const;

 private:
  void send(unsigned status,
            std::string_view content_type,
            std::string body,
            std::span<const http::HeaderField> extra);

  Api* api_;
  http::ExchangePtr exchange_;
  const Route* route_;
  std::int64_t begun_us_;
};

/// One request on its way to its handler. Lives on the IoThread until the handler returns.
struct Call {
  Api& api;
  ThreadState& thread;
  Responder responder;
  const Route& route;
  Principal principal;
  std::array<std::string_view, 3> path_values;  ///< in the order of the pattern's `{names}`
  Instant now;
};

/// Whom a route lets in.
enum class Access : std::uint8_t {
  everyone,  ///< no key needed
  scoped,    ///< a key with the route's scope
  operator_only,
};

/// A row of THE list of routes (routes.cpp). What the documents are made of stands beside what
/// runs.
struct Route {
  http::Method method = http::Method::get;
  std::string_view pattern;  ///< `/v1/gifts/{gift}`
  std::string_view operation;
  std::string_view summary;
  std::string_view tag;
  Access access = Access::scoped;
  ledger::Scope scope = ledger::Scope::read;
  bool key_required = false;  ///< an Idempotency-Key must be given
  unsigned success = 200;
  void (*run)(Call& call) = nullptr;
  /// JSON schemas; null where there is nothing. Made of the field descriptions.
  std::string (*request_schema)() = nullptr;
  std::string (*answer_schema)() = nullptr;
  /// What an answer without a schema is; empty: it has no body of its own.
  std::string_view answer_type = {};
  /// Whether a key is looked at although none is needed.
  bool key_optional = false;
  std::vector<std::string_view> path_names() const;
  /// Names of parameters of the query string with their schemas.
  std::string (*query_schema)() = nullptr;
  /// For commands: how `/v1/batch` carries them.
  std::string_view command = {};
  bool dev = false;  ///< only a development server has it
};

/// Whether the route lets this principal in.
bool route_allows(const Route& route, const Principal& principal);

/// THE list of routes; those of development servers, at its end, only for them.
std::span<const Route> all_routes(bool dev = false);

/// Finds routes by method and path.
class Router {
 public:
  explicit Router(std::span<const Route> routes);

  struct Match {
    const Route* route = nullptr;  ///< null: no such path, or no such method there
    bool path_known = false;
    std::array<std::string_view, 3> path_values;
    std::string allowed;  ///< methods the path has, for `Allow`
  };
  Match find(http::Method method, std::string_view path) const;

 private:
  struct Entry {
    const Route* route;
    std::vector<std::string_view> segments;
  };
  std::vector<Entry> entries_;
};

}  // namespace stardrop::api
