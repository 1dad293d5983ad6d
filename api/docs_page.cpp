// Plain HTML, made once; readable in light and dark, on a phone and without scripts.
#include "api/docs_page.h"

#include <algorithm>
#include <vector>

#include "api/http/door.h"
#include "api/route.h"
#include "api/tags.h"
#include "base/error.h"
#include "base/json_reader.h"
#include "base/json_writer.h"

namespace stardrop::api {
namespace {

// Colours keep a contrast of at least 4.5 to their ground in both schemes.
constexpr std::string_view kStyle = R"(<style>
:root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;--quiet:#57606a;--line:#d0d7de;
--soft:#f2f4f7;--accent:#0a58b5;--get:#116329;--post:#8a4600;--need:#b3261e}
@media(prefers-color-scheme:dark){:root{--ground:#14171c;--text:#e6e9ee;--quiet:#a3adb8;
--line:#3a424d;--soft:#1f242c;--accent:#79b4ff;--get:#7ed491;--post:#f0b267;--need:#ff9189}}
*{box-sizing:border-box}
body{font:16px/1.55 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1.5rem 1rem 4rem;
background:var(--ground);color:var(--text);overflow-wrap:break-word}
a{color:var(--accent)}h1{margin:0 0 .5rem;line-height:1.2}
h2{margin:2.5rem 0 .25rem;padding-bottom:.2rem;border-bottom:1px solid var(--line)}
h2+p{margin:.25rem 0 .75rem;color:var(--quiet)}
code,pre,.path{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9em}
code,.path{overflow-wrap:anywhere}
pre{background:var(--soft);padding:.7rem .9rem;border-radius:.4rem;margin:.6rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0}
details{border:1px solid var(--line);border-radius:.5rem;margin:.4rem 0;padding:0 .8rem}
summary{cursor:pointer;padding:.35rem 0}details[open]>summary{border-bottom:1px solid var(--line)}
summary b{display:inline-block;min-width:3.2rem}.get{color:var(--get)}.post{color:var(--post)}
table{border-collapse:collapse;width:100%;margin:.8rem 0}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-top:1px solid var(--line)}
th{background:var(--soft);font-weight:600}th:nth-child(1){width:30%}th:nth-child(2){width:16%}
.need{color:var(--need);font-size:.85em}small,.hint{color:var(--quiet);font-size:.88em}
tr:target{background:var(--soft)}
.errors td:nth-child(1){white-space:nowrap}
@media(max-width:40rem){table,tbody,tr,td{display:block;width:auto}th:nth-child(n){width:auto}th:nth-child(n+2){display:none}th{display:block}
tr{border-top:1px solid var(--line);padding:.4rem 0}td{border:0;padding:.05rem .3rem}
.errors td:nth-child(1){white-space:normal}}
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

std::optional<JsonValue> first_of(JsonValue object, std::string_view name) {
  std::optional<JsonValue> first;
  if (const auto list = member(object, name)) {
    list->for_each_element([&first](JsonValue each) {
      if (!first) first = each;
    });
  }
  return first;
}

/// A number or a text as it is written in JSON.
std::string json_of(JsonValue value) {
  if (value.kind() == JsonValue::Kind::integer) return std::to_string(value.integer());
  std::string out;
  append_json_text(out, value.text());
  return out;
}

bool is_required(JsonValue schema, std::string_view name) {
  bool found = false;
  if (const auto list = member(schema, "required")) {
    list->for_each_element([&](JsonValue each) { found = found || each.text() == name; });
  }
  return found;
}

std::string type_of(JsonValue schema) {
  if (const auto inner = first_of(schema, "anyOf")) return type_of(*inner) + " or null";
  const auto type = member(schema, "type");
  if (!type) return "text";
  std::string out;
  if (type->kind() == JsonValue::Kind::text) {
    out = type->text();
  } else {
    type->for_each_element([&out](JsonValue each) {
      if (!out.empty()) out += " or ";
      out += each.text();
    });
  }
  if (out == "array") {
    if (const auto items = member(schema, "items")) out = "list of " + type_of(*items);
  }
  return out;
}

/// What a value may be, in words: the words of an enumeration, a range, an example.
std::string hint_of(JsonValue schema) {
  if (const auto inner = first_of(schema, "anyOf")) return hint_of(*inner);
  std::string out;
  if (const auto words = member(schema, "enum")) {
    words->for_each_element([&out](JsonValue each) {
      out.append(out.empty() ? "" : ", ").append("<code>").append(each.text()).append("</code>");
    });
    return "One of " + out + ". ";
  }
  const auto least = member(schema, "minimum");
  const auto most = member(schema, "maximum");
  if (least && most) {
    out += std::to_string(least->integer()) + " to " + std::to_string(most->integer()) + ". ";
  }
  if (const auto size = member(schema, "maxItems")) {
    out += "At most " + std::to_string(size->integer()) + ". ";
  }
  if (const auto example = first_of(schema, "examples")) {
    out += "Such as <code>" + escaped(json_of(*example)) + "</code>. ";
  }
  return out;
}

/// Rows of a schema's properties, those of inner objects below them with their path.
void append_rows(std::string& out, JsonValue schema, const std::string& prefix, bool incoming) {
  const auto properties = member(schema, "properties");
  if (!properties) return;
  properties->for_each_member([&](std::string_view name, JsonValue each) {
    const std::string path = prefix + std::string(name);
    out.append("<tr><td><code>").append(path).append("</code>");
    if (incoming && is_required(schema, name)) out += " <span class=\"need\">required</span>";
    out.append("</td><td>").append(type_of(each)).append("</td><td>");
    if (const auto text = member(each, "description")) out += escaped(text->text());
    const std::string hint = hint_of(each);
    if (!hint.empty()) out.append(" <span class=\"hint\">").append(hint).append("</span>");
    out += "</td></tr>";
    append_rows(out, each, path + ".", incoming);
    if (const auto items = member(each, "items")) append_rows(out, *items, path + "[].", incoming);
  });
}

/// A table of a schema's properties.
std::string fields_table(std::string_view title, const std::string& schema_text, bool incoming) {
  JsonDocument document;
  if (!document.parse(schema_text).ok()) return {};
  std::string rows;
  append_rows(rows, document.root(), "", incoming);
  if (rows.empty()) return {};
  return "<table><tr><th>" + std::string(title) + "</th><th>type</th><th></th></tr>" + rows +
         "</table>";
}

/// A value that a property of this schema might have, as JSON.
std::string example_of(JsonValue schema) {
  if (const auto example = first_of(schema, "examples")) return json_of(*example);
  if (const auto word = first_of(schema, "enum")) return json_of(*word);
  const std::string type = type_of(schema);
  if (type.starts_with("list")) return "[]";
  if (type.starts_with("integer")) {
    const auto least = member(schema, "minimum");
    return std::to_string(least ? std::max<std::int64_t>(least->integer(), 1) : 1);
  }
  if (type.starts_with("boolean")) return "true";
  return type.starts_with("object") ? "{}" : "\"…\"";
}

/// The request as somebody would type it, with the fields that can't be left out.
std::string example_request(const Route& route) {
  std::string path(route.pattern);
  for (const std::string_view name : route.path_names()) {
    const std::string mark = "{" + std::string(name) + "}";
    std::string variable = "$" + std::string(name);
    std::ranges::transform(variable, variable.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    path.replace(path.find(mark), mark.size(), variable);
  }
  std::string out = "curl -s $URL" + path;
  if (route.access != Access::everyone) out += " -H \"Authorization: Bearer $KEY\"";
  if (route.method != http::Method::post) return out;
  if (route.key_required) out += " \\\n  -H 'Idempotency-Key: one-for-each-request'";
  JsonDocument document;
  if (route.request_schema == nullptr || !document.parse(route.request_schema()).ok()) return out;
  const auto properties = member(document.root(), "properties");
  if (!properties) return out;
  std::string body;
  const auto names = route.path_names();
  properties->for_each_member([&](std::string_view name, JsonValue each) {
    if (!is_required(document.root(), name) || std::ranges::count(names, name) > 0) return;
    body.append(body.empty() ? "" : ",").append("\"").append(name).append("\":");
    body += example_of(each);
  });
  return out + " \\\n  -H 'Content-Type: application/json' \\\n  -d '{" + body + "}'";
}

std::string route_details(const Route& route) {
  const bool post = route.method == http::Method::post;
  std::string out = "<details id=\"" + std::string(route.operation) + "\"><summary><b class=\"";
  out += post ? "post\">POST" : "get\">GET";
  out.append("</b> <span class=\"path\">").append(route.pattern).append("</span> — ");
  out.append(escaped(route.summary)).append("</summary><p><small>");
  if (route.access == Access::everyone) {
    out += route.key_optional ? "No key needed for editions." : "No key needed.";
  } else {
    out.append("Scope <code>").append(name_of(route.scope)).append("</code>");
    out += route.access == Access::operator_only ? ", operators only." : ".";
  }
  if (route.key_required) out += " Needs an <code>Idempotency-Key</code>.";
  if (!route.command.empty()) {
    out.append(" In a batch: <code>").append(route.command).append("</code>.");
  }
  out += " Answers <code>" + std::to_string(route.success) + "</code>";
  if (!route.answer_type.empty()) out.append(", ").append(route.answer_type);
  out.append(".</small></p><pre>").append(escaped(example_request(route))).append("</pre>");
  if (route.query_schema != nullptr) out += fields_table("parameter", route.query_schema(), true);
  if (route.request_schema != nullptr) out += fields_table("field", route.request_schema(), true);
  if (route.answer_schema != nullptr) out += fields_table("answer", route.answer_schema(), false);
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

void append_error(std::string& out,
                  std::string_view code,
                  std::uint64_t status,
                  std::string_view sentence) {
  out.append("<tr id=\"").append(code).append("\"><td><code>").append(code);
  out.append("</code></td><td>").append(std::to_string(status)).append("</td><td>");
  out.append(escaped(sentence)).append("</td></tr>");
}

/// An anchor made of a title.
std::string anchor_of(std::string_view title) {
  std::string out(title);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return "group-" + out;
}

}  // namespace

std::string reference_page(bool dev) {
  std::string groups;
  std::string links;
  std::string_view tag;
  for (const Route& route : all_routes(dev)) {
    if (route.tag != tag) {
      tag = route.tag;
      const std::string anchor = anchor_of(tag);
      links.append("<a href=\"#").append(anchor).append("\">").append(tag).append("</a>");
      groups.append("<h2 id=\"").append(anchor).append("\">").append(tag).append("</h2><p>");
      groups.append(escaped(about_tag(tag))).append("</p>");
    }
    groups += route_details(route);
  }
  std::string out = head("Stardrop API");
  out +=
      "<h1>Stardrop API</h1><p>JSON in, JSON out, under <code>/v1</code>. Send "
      "<code>Authorization: Bearer KEY</code>: an operator's key, an app's, or a user's token. "
      "Every POST takes an <code>Idempotency-Key</code>: sent again with the same body, the first "
      "answer comes back with <code>Idempotency-Replayed: true</code>, and nothing happens twice. "
      "Whole Stars in requests are integers; exact amounts in answers are decimal text with their "
      "currency; times are RFC 3339 in UTC. Refusals are "
      "<a href=\"/docs/errors\">problems with a stable code</a>. For tools: "
      "<a href=\"/openapi.json\">OpenAPI 3.1</a>, <a href=\"/openapi-3.0.json\">3.0</a>.</p>";
  return out + "<nav>" + links + "</nav>" + groups + "</body></html>";
}

std::string errors_page() {
  std::string out = head("Stardrop: refusals");
  out +=
      "<h1>Refusals</h1><p>RFC 9457 problems. <code>code</code> is stable; programs should look "
      "at nothing else. Facts such as <code>required</code>, <code>available_at</code> or "
      "<code>left</code> stand beside it. <a href=\"/docs\">Back to the routes.</a></p>";
  constexpr ErrorKind kKinds[] = {ErrorKind::rejected, ErrorKind::malformed, ErrorKind::retry,
                                  ErrorKind::internal};
  constexpr std::string_view kHeadings[] = {"The answer is no", "The request is wrong", "Not now",
                                            "Something broke"};
  constexpr std::string_view kTable =
      "<table class=\"errors\"><tr><th>code</th><th>status</th><th>sentence</th></tr>";
  std::vector<std::string_view> known;
  for (std::size_t kind = 0; kind < std::size(kKinds); ++kind) {
    out.append("<h2>").append(kHeadings[kind]).append("</h2><p>");
    out.append(kind_text(kKinds[kind])).append("</p>").append(kTable);
    for (std::size_t i = 0; i < kErrorCount; ++i) {
      const ErrorInfo& row = info(static_cast<ErrorCode>(i));
      if (row.kind != kKinds[kind]) continue;
      append_error(out, row.code, static_cast<std::uint64_t>(row.http_status), row.title);
      known.push_back(row.code);
    }
    out += "</table>";
  }
  out +=
      "<h2>At the door</h2><p>What isn't sound HTTP is refused before any route sees it; "
      "<code>detail</code> says why.</p>";
  out += kTable;
  for (std::size_t i = 1; i < http::kDoorCount; ++i) {
    const http::DoorInfo& row = http::info(static_cast<http::Door>(i));
    if (std::ranges::count(known, row.code) > 0) continue;
    known.push_back(row.code);
    const bool many = row.code == http::info(http::Door::bad_request_line).code;
    append_error(out, row.code, row.status,
                 many ? "The HTTP of the request is malformed." : row.detail);
  }
  return out + "</table></body></html>";
}

}  // namespace stardrop::api
