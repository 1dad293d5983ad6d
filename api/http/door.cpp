// The table of door.def as data, and its RFC 9457 body.
#include "api/http/door.h"

#include <array>

namespace stardrop::api::http {
namespace {

constexpr std::array<DoorInfo, kDoorCount> kDoorTable = {{
    {"none", 0, "", ""},
#define DOOR(name, status, code, detail) {#name, status, code, detail},
#include "api/http/door.def"
#undef DOOR
}};

constexpr bool table_is_sound() {
  for (std::size_t i = 1; i < kDoorTable.size(); ++i) {
    const DoorInfo& row = kDoorTable[i];
    if (row.status < 400 || row.status > 599 || row.code.empty() || !row.detail.ends_with('.')) {
      return false;
    }
    // The body is built without escaping, so the table must need none.
    if (row.detail.find_first_of("\"\\") != std::string_view::npos) return false;
  }
  return true;
}
static_assert(table_is_sound(), "a refusal is a 4xx or 5xx with a code and a plain sentence");

struct StatusText {
  unsigned status;
  std::string_view text;
};

constexpr StatusText kStatusTexts[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace

const DoorInfo& info(Door refusal) { return kDoorTable[static_cast<std::size_t>(refusal)]; }

std::string_view reason_phrase(unsigned status) {
  for (const StatusText& entry : kStatusTexts) {
    if (entry.status == status) return entry.text;
  }
  return "Status";
}

std::string problem_json(Door refusal) {
  const DoorInfo& row = info(refusal);
  std::string body;
  body.reserve(256);
  body += R"({"type":"about:blank","title":")";
  body += reason_phrase(row.status);
  body += R"(","status":)";
  body += std::to_string(row.status);
  body += R"(,"detail":")";
  body += row.detail;
  body += R"(","code":")";
  body += row.code;
  body += R"(","retryable":)";
  body += (refusal == Door::timeout || refusal == Door::unanswered) ? "true" : "false";
  body += '}';
  return body;
}

}  // namespace stardrop::api::http
