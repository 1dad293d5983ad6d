// Problem details.
#include "api/problem.h"

namespace stardrop::api {

void write_problem(JsonWriter& out, const Error& error) {
  const ErrorInfo& row = info(error.code());
  out.key("type").text("/docs/errors#" + std::string(row.code));
  out.key("title").text(row.title);
  out.key("status").integer(row.http_status);
  out.key("code").text(row.code);
  if (!error.detail_text().empty()) out.key("detail").text(error.detail_text());
  if (!error.param_name().empty()) out.key("param").text(error.param_name());
  out.key("retryable").boolean(row.kind == ErrorKind::retry);
  for (const Fact& fact : error.facts()) {
    out.key(fact.name);
    std::visit(
        [&out]<class T>(const T& value) {
          if constexpr (std::is_same_v<T, std::int64_t>) {
            out.integer(value);
          } else if constexpr (std::is_same_v<T, bool>) {
            out.boolean(value);
          } else {
            out.text(value);
          }
        },
        fact.value);
  }
}

std::string problem_body(const Error& error,
                         std::string_view instance,
                         std::string_view request_id) {
  std::string body;
  JsonWriter out(body);
  out.begin_object();
  write_problem(out, error);
  out.key("instance").text(instance);
  out.key("request_id").text(request_id);
  out.end_object();
  return body;
}

std::int64_t retry_after_s(const Error& error) {
  for (const Fact& fact : error.facts()) {
    if (fact.name == "retry_after") return std::get<std::int64_t>(fact.value);
  }
  return info(error.code()).kind == ErrorKind::retry ? 1 : 0;
}

}  // namespace stardrop::api
