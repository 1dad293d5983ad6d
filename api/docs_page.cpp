// Plain HTML, made once; readable in light and dark, without scripts.
#include "api/docs_page.h"

#include "api/route.h"
#include "base/error.h"
#include "base/json_reader.h"

namespace stardrop::api {
namespace {

constexpr std::string_view kStyle = R"(<style>
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--accent:#2a7ae2}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{margin:0 0 .5rem}h2{margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line)}
code,.path{font-family:ui-monospace,monospace;font-size:.92em}
details{border:1px solid var(--line);border-radius:.5rem;margin:.4rem 0;padding:.3rem .8rem}
summary{cursor:pointer}summary b{display:inline-block;min-width:3.2rem;color:var(--accent)}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
td,th{text-align:left;vertical-align:top;padding:.25rem .6rem;border-top:1px solid var(--line)}
th{background:var(--soft)}.need{color:#c33}small{opacity:.75}
</style>)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string head(std::string_view title) {
  std::string out = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">";
  out += "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>";
  out.append(title).append("</title>").append(kStyle).append("</head><body>");
  return out;
}

/// The member called `name` of an object, if there is one.
std::optional<JsonValue> member(JsonValue object, std::string_view name) {
  std::optional<JsonValue> found;
  if (object.kind() != JsonValue::Kind::object) return found;
  object.for_each_member([&](std::string_view key, JsonValue value) {
    if (key == name) found = value;
  });
  return found;
}

std::string type_of(JsonValue schema) {
  const auto type = member(schema, "type");
  if (!type) return "object";
  if (type->kind() == JsonValue::Kind::text) return std::string(type->text());
  std::string out;
  type->for_each_element([&out](JsonValue each) {
    if (!out.empty()) out += " or ";
    out += each.text();
  });
  return out;
}

/// A table of a schema's properties.
std::string fields_table(std::string_view title, const std::string& schema_text) {
  JsonDocument document;
  if (!document.parse(schema_text).ok()) return {};
  const auto properties = member(document.root(), "properties");
  if (!properties || properties->size() == 0) return {};
  std::string required;
  if (const auto list = member(document.root(), "required")) {
    list->for_each_element([&](JsonValue each) { required.append(each.text()).append("\n"); });
  }
  std::string out = "<table><tr><th>" + std::string(title) + "</th><th>type</th><th></th></tr>";
  properties->for_each_member([&](std::string_view name, JsonValue schema) {
    const bool needed = required.find(std::string(name) + "\n") != std::string::npos;
    out.append("<tr><td><code>").append(name).append("</code>");
    if (needed) out += " <span class=\"need\">*</span>";
    out.append("</td><td>").append(type_of(schema)).append("</td><td>");
    if (const auto text = member(schema, "description")) out += escaped(text->text());
    out += "</td></tr>";
  });
  out += "</table>";
  return out;
}

std::string route_details(const Route& route) {
  std::string out = "<details id=\"" + std::string(route.operation) + "\"><summary><b>";
  out += route.method == http::Method::post ? "POST" : "GET";
  out.append("</b> <span class=\"path\">").append(route.pattern).append("</span> — ");
  out.append(escaped(route.summary)).append("</summary><p><small>");
  if (route.access == Access::everyone) {
    out += "No key needed.";
  } else {
    out.append("Scope <code>").append(name_of(route.scope)).append("</code>");
    out += route.access == Access::operator_only ? ", operators only." : ".";
  }
  if (route.key_required) out += " Needs an <code>Idempotency-Key</code>.";
  if (!route.command.empty()) {
    out.append(" In a batch: <code>").append(route.command).append("</code>.");
  }
  out += "</small></p>";
  if (route.query_schema != nullptr) out += fields_table("parameter", route.query_schema());
  if (route.request_schema != nullptr) out += fields_table("field", route.request_schema());
  if (route.answer_schema != nullptr) out += fields_table("answer", route.answer_schema());
  out += "</details>";
  return out;
}

std::string_view kind_text(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::malformed: return "never succeeds as it stands";
    case ErrorKind::rejected: return "the rules or the present state say no";
    case ErrorKind::retry: return "send it again later";
    case ErrorKind::internal: return "our fault";
  }
  return "";
}

}  // namespace

std::string reference_page(bool dev) {
  std::string out = head("Stardrop API");
  out +=
      "<h1>Stardrop API</h1><p>JSON in, JSON out, under <code>/v1</code>. Send "
      "<code>Authorization: Bearer KEY</code>. Every POST takes an <code>Idempotency-Key</code>: "
      "sent again with the same body, the first answer comes back with "
      "<code>Idempotency-Replayed: true</code>. Refusals are "
      "<a href=\"/docs/errors\">problems with a stable code</a>. For tools: "
      "<a href=\"/openapi.json\">OpenAPI 3.1</a>, <a href=\"/openapi-3.0.json\">3.0</a>.</p>";
  std::string_view tag;
  for (const Route& route : all_routes(dev)) {
    if (route.tag != tag) {
      tag = route.tag;
      out.append("<h2>").append(tag).append("</h2>");
    }
    out += route_details(route);
  }
  out += "</body></html>";
  return out;
}

std::string errors_page() {
  std::string out = head("Stardrop: refusals");
  out +=
      "<h1>Refusals</h1><p>RFC 9457 problems. <code>code</code> is stable; programs should look "
      "at nothing else. <a href=\"/docs\">Back to the routes.</a></p>"
      "<table><tr><th>code</th><th>status</th><th>sentence</th><th>kind</th></tr>";
  for (std::size_t i = 0; i < kErrorCount; ++i) {
    const ErrorInfo& row = info(static_cast<ErrorCode>(i));
    out.append("<tr id=\"").append(row.code).append("\"><td><code>").append(row.code);
    out.append("</code></td><td>").append(std::to_string(row.http_status)).append("</td><td>");
    out.append(escaped(row.title)).append("</td><td>").append(kind_text(row.kind));
    out += "</td></tr>";
  }
  out += "</table></body></html>";
  return out;
}

}  // namespace stardrop::api
