// Answers: bodies, ETags, request ids, counting.
#include "api/api.h"
#include "api/problem.h"
#include "base/hash.h"

namespace stardrop::api {
namespace {

constexpr std::size_t kRequestIdMax = 128;

bool is_sound_request_id(std::string_view id) {
  if (id.empty() || id.size() > kRequestIdMax) return false;
  for (const char c : id) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

}  // namespace

Responder::Responder(Api& api,
                     http::ExchangePtr exchange,
                     const Route* route,
                     std::int64_t begun_us)
    : api_(&api), exchange_(std::move(exchange)), route_(route), begun_us_(begun_us) {}

std::string Responder::request_id() const {
  const std::string_view given = request().request_id();
  if (is_sound_request_id(given)) return std::string(given);
  // The moment and the place in memory: unique enough to find a request in the logs.
  return "req_" + id_digits(static_cast<std::uint64_t>(begun_us_)) +
         hex(std::string_view(reinterpret_cast<const char*>(&exchange_), 3));
}

void Responder::send(unsigned status,
                     std::string_view content_type,
                     std::string body,
                     std::span<const http::HeaderField> extra) {
  if (!exchange_ || exchange_->answered()) return;
  exchange_->reply(status, content_type, std::move(body), extra);
  if (route_ != nullptr) {
    api_->metrics().answered(*route_, status, api_->clock().now().us - begun_us_);
  }
}

void Responder::json(unsigned status, std::string body, std::span<const http::HeaderField> extra) {
  const http::Method method = request().method;
  if (status != 200 || (method != http::Method::get && method != http::Method::head)) {
    return send(status, kJson, std::move(body), extra);
  }
  const std::string tag = '"' + hex(bytes_of(sha256(body)).substr(0, 12)) + '"';
  std::vector<http::HeaderField> fields(extra.begin(), extra.end());
  fields.push_back({"ETag", tag});
  const bool same = request().if_none_match() == tag;
  send(same ? 304 : 200, same ? std::string_view() : kJson, same ? std::string() : std::move(body),
       fields);
}

void Responder::problem(const Error& error, std::span<const http::HeaderField> extra) {
  api_->metrics().refused(error.code());
  const std::string id = request_id();
  std::vector<http::HeaderField> fields(extra.begin(), extra.end());
  fields.push_back({"X-Request-Id", id});
  const std::int64_t wait = retry_after_s(error);
  const std::string wait_text = std::to_string(wait);
  if (wait > 0) fields.push_back({"Retry-After", wait_text});
  if (error.code() == ErrorCode::unauthorized) {
    fields.push_back({"WWW-Authenticate", "Bearer"});
  }
  send(static_cast<unsigned>(info(error.code()).http_status), kProblemJson,
       problem_body(error, request().path, id), fields);
}

void Responder::problem_members(ErrorCode code, std::string_view members) {
  api_->metrics().refused(code);
  const std::string id = request_id();
  std::string body;
  body.reserve(members.size() + 160);
  body.append("{").append(members).append(",\"instance\":");
  append_json_text(body, request().path);
  body.append(",\"request_id\":\"").append(id).append("\"}");
  const http::HeaderField fields[] = {{"X-Request-Id", id}};
  send(static_cast<unsigned>(info(code).http_status), kProblemJson, std::move(body), fields);
}

void Responder::text(unsigned status, std::string_view content_type, std::string body) {
  send(status, content_type, std::move(body), {});
}

}  // namespace stardrop::api
