// Routes of queries: decode the parameters, read between two batches, encode.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/params.h"
#include "api/schema.h"
#include "base/json_writer.h"

namespace stardrop::api {

/// What a query sees besides the rows.
struct QueryContext {
  const market::Caller& caller;
  const CursorCodec& cursors;
  engine::Reader& rows;
};

/// A page of a list.
template <class T>
struct Page {
  using Item = T;
  std::vector<T> data;
  std::optional<std::string> next_cursor;
};

template <class T>
inline constexpr bool kIsPage = false;
template <class T>
inline constexpr bool kIsPage<Page<T>> = true;

/// A query: described parameters, a `Reply` (described, or a Page), and
/// `Result<Reply> read(QueryContext&) const`, which runs on the engine's thread and must be short.
template <class T>
concept Query = Described<T> && requires(const T& query, QueryContext& context) {
  { query.read(context) } -> std::same_as<Result<typename T::Reply>>;
};

/// What an item of a list takes, about.
inline constexpr std::size_t kItemBytes = 384;

/// Writes a reply as the body of an answer.
template <class Reply>
std::string query_body(const Reply& reply) {
  if constexpr (kIsPage<Reply>) {
    std::string body;
    body.reserve(kItemBytes * (reply.data.size() + 1));
    JsonWriter out(body);
    out.begin_object();
    out.key("object").text("list");
    out.key("data").value(reply.data);
    out.key("has_more").boolean(reply.next_cursor.has_value());
    out.key("next_cursor").value(reply.next_cursor);
    out.end_object();
    return body;
  } else {
    return to_json(reply);
  }
}

/// Waits for a read and encodes it, on the IoThread.
template <Query Q>
class QueryPending final : public Pending {
 public:
  QueryPending(Responder responder, market::Caller caller, Q query)
      : responder_(std::move(responder)), caller_(caller), query_(std::move(query)) {}

  /// On the engine's thread.
  void read(engine::Reader& rows, const CursorCodec& cursors) {
    QueryContext context{caller_, cursors, rows};
    reply_.emplace(query_.read(context));
    if (rows.failed()) reply_.emplace(ErrorCode::storage_unavailable);
  }

  bool complete(std::optional<engine::Outcome> outcome) override {
    if (outcome) {  // the queue was full
      responder_.problem(outcome->error());
    } else if (!reply_->ok()) {
      responder_.problem(reply_->error());
    } else {
      responder_.json(200, query_body(reply_->value()));
    }
    return true;
  }

 private:
  Responder responder_;
  market::Caller caller_;
  Q query_;
  std::optional<Result<typename Q::Reply>> reply_;
};

/// Decodes path and query string. Refused with what `decode_params` refuses, missing_field.
template <Described Q>
Status decode_query(const Call& call, Q& query) {
  const http::Request& request = call.responder.request();
  STARDROP_TRY_ASSIGN(std::vector<Param> params, parse_query(request.query));
  std::size_t index = 0;
  for (const std::string_view name : call.route.path_names()) {
    params.push_back({std::string(name), std::string(call.path_values[index++])});
  }
  STARDROP_TRY_ASSIGN(const std::uint64_t set, decode_params(params, query));
  std::optional<Error> missing;
  std::uint64_t bit = 1;
  for_each_field<Q>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    if ((set & bit) == 0 && !f.optional && !kIsOptional<Member> && !missing) {
      missing = Error(ErrorCode::missing_field).param(std::string(f.name));
    }
    bit <<= 1U;
  });
  if (missing) return *std::move(missing);
  return done();
}

/// Runs a query route.
template <Query Q>
void run_query(Call& call) {
  Q query;
  if (Status decoded = decode_query(call, query); !decoded) {
    return call.responder.problem(decoded.error());
  }
  auto* const pending =
      new QueryPending<Q>(std::move(call.responder), call.principal.caller, std::move(query));
  const CursorCodec* const cursors = &call.api.cursors();
  call.thread.submit(pending, engine::ReadTask([pending, cursors](engine::Reader& rows) {
                       pending->read(rows, *cursors);
                     }));
}

/// The schema of a query's answer.
template <class Reply>
std::string query_answer_schema() {
  if constexpr (kIsPage<Reply>) {
    return list_schema<typename Reply::Item>();
  } else {
    return answer_schema<Reply>();
  }
}

/// The row of a query in the list of routes.
template <Query Q>
Route get(std::string_view pattern, std::string_view operation, std::string_view summary) {
  Route route;
  route.method = http::Method::get;
  route.pattern = pattern;
  route.operation = operation;
  route.summary = summary;
  route.run = &run_query<Q>;
  route.query_schema = &request_schema<Q>;
  route.answer_schema = &query_answer_schema<typename Q::Reply>;
  return route;
}

}  // namespace stardrop::api
