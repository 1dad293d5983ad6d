// One document, made once; the older form is derived from it.
#include "api/openapi.h"

#include <map>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/route.h"
#include "base/error.h"

namespace stardrop::api {
namespace {

using Json = nlohmann::ordered_json;

std::string_view example_id(std::string_view name) {
  static const std::map<std::string_view, std::string_view> examples{
      {"account", "acc_0am0wsa2r0001"},     {"edition", "edn_0am0wsb8r0001"},
      {"gift", "gft_0am0wsby00001"},        {"top_up", "top_0am0wsatr0001"},
      {"transfer", "trf_0am0wsby00002"},    {"hold", "hld_0am0wsby00003"},
      {"reservation", "rsv_0am0wsby00004"}, {"key", "key_0am0wsby00005"}};
  const auto found = examples.find(name);
  return found == examples.end() ? "x" : found->second;
}

Json problem_schema() {
  return Json::parse(R"({"type":"object","required":["type","title","status","code","retryable"],
    "properties":{
      "type":{"type":"string","description":"Where the code is explained."},
      "title":{"type":"string","description":"The same sentence for every refusal with this code."},
      "status":{"type":"integer","description":"The HTTP status."},
      "code":{"type":"string","description":"Stable; see /docs/errors."},
      "detail":{"type":"string","description":"What is wrong with this very request."},
      "param":{"type":"string","description":"The field at fault."},
      "retryable":{"type":"boolean","description":"Whether the same request may be sent again."},
      "instance":{"type":"string","description":"The path that was asked for."},
      "request_id":{"type":"string","description":"For the logs."}},
    "additionalProperties":true})");
}

Json parameter(std::string_view name, std::string_view where, bool required, Json schema) {
  Json out;
  out["name"] = name;
  out["in"] = where;
  out["required"] = required;
  if (schema.contains("description")) {
    out["description"] = schema["description"];
    schema.erase("description");
  }
  if (where == "path") {
    schema["type"] = "string";
    out["example"] = example_id(name);
    schema.erase("examples");
  }
  out["schema"] = std::move(schema);
  return out;
}

/// Parameters of path and query; what the path names is taken out of the schema's properties.
Json parameters_of(const Route& route, Json* body) {
  Json out = Json::array();
  Json query = route.query_schema != nullptr ? Json::parse(route.query_schema()) : Json::object();
  for (const std::string_view name : route.path_names()) {
    Json schema = Json::object();
    const std::string key(name);
    for (Json* const source : {&query, body}) {
      if (source == nullptr || !source->contains("properties")) continue;
      Json& properties = (*source)["properties"];
      if (!properties.contains(key)) continue;
      schema = properties[key];
      properties.erase(key);
      auto& required = (*source)["required"];
      for (auto at = required.begin(); at != required.end();) {
        at = *at == key ? required.erase(at) : at + 1;
      }
    }
    out.push_back(parameter(name, "path", true, std::move(schema)));
  }
  if (query.contains("properties")) {
    std::set<std::string> required;
    for (const auto& name : query["required"]) required.insert(name.get<std::string>());
    for (const auto& [name, schema] : query["properties"].items()) {
      out.push_back(parameter(name, "query", required.contains(name), schema));
    }
  }
  if (route.method == http::Method::post) {
    out.push_back(parameter(
        "Idempotency-Key", "header", route.key_required,
        Json::parse(R"({"type":"string","minLength":1,"maxLength":255,"description":)"
                    R"("Sent again with the same body, the first answer comes back."})")));
  }
  return out;
}

Json operation_of(const Route& route) {
  Json operation;
  operation["operationId"] = route.operation;
  operation["summary"] = route.summary;
  operation["description"] = std::string(route.summary) + " Refusals are listed at /docs/errors.";
  operation["tags"] = Json::array({route.tag});
  if (route.access == Access::everyone) {
    operation["security"] = Json::array();
  } else {
    operation["security"] = Json::array({Json{{"key", Json::array()}}});
    operation["description"] = operation["description"].get<std::string>() + " Needs the scope `" +
                               std::string(name_of(route.scope)) + "`" +
                               (route.access == Access::operator_only ? " of an operator." : ".");
  }
  Json body;
  if (route.request_schema != nullptr) body = Json::parse(route.request_schema());
  Json parameters = parameters_of(route, body.is_null() ? nullptr : &body);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!body.is_null()) {
    operation["requestBody"]["required"] = true;
    operation["requestBody"]["content"]["application/json"]["schema"] = std::move(body);
  }
  Json& answers = operation["responses"];
  Json success;
  success["description"] = "Done.";
  if (route.answer_schema != nullptr) {
    success["content"]["application/json"]["schema"] = Json::parse(route.answer_schema());
  }
  answers[std::to_string(route.success)] = std::move(success);
  answers["4XX"] = Json{{"$ref", "#/components/responses/Problem"}};
  answers["5XX"] = Json{{"$ref", "#/components/responses/Problem"}};
  return operation;
}

Json make_document(std::string_view version, bool dev) {
  Json document;
  document["openapi"] = "3.1.0";
  document["info"] = Json{
      {"title", "Stardrop"},
      {"version", version},
      {"summary", "An economy of Stars and gifts for any app."},
      {"description",
       "Money moves in double entry, every sale is durable and exactly once. Every POST takes an "
       "Idempotency-Key. Refusals are RFC 9457 problems with a stable code."},
      {"license",
       Json{{"name", "Apache-2.0"}, {"url", "https://www.apache.org/licenses/LICENSE-2.0"}}},
      {"contact", Json{{"name", "Stardrop"}, {"url", "https://stardrop.example"}}}};
  document["servers"] = Json::array({Json{{"url", "/"}}});
  std::vector<std::string> tags;
  Json& paths = document["paths"];
  for (const Route& route : all_routes(dev)) {
    const std::string_view method = route.method == http::Method::post ? "post" : "get";
    paths[std::string(route.pattern)][std::string(method)] = operation_of(route);
    const std::string tag(route.tag);
    if (std::ranges::find(tags, tag) == tags.end()) tags.push_back(tag);
  }
  document["tags"] = Json::array();
  for (const std::string& tag : tags) {
    document["tags"].push_back(Json{{"name", tag}, {"description", tag + "."}});
  }
  Json& components = document["components"];
  components["securitySchemes"]["key"] = Json{{"type", "http"}, {"scheme", "bearer"}};
  components["schemas"]["Problem"] = problem_schema();
  components["responses"]["Problem"] =
      Json{{"description", "A refusal."},
           {"content", Json{{"application/problem+json",
                             Json{{"schema", Json{{"$ref", "#/components/schemas/Problem"}}}}}}}};
  return document;
}

/// Rewrites a 3.1 schema, and everything in it, as 3.0.
void lower(Json& node) {  // NOLINT(misc-no-recursion): as deep as the document
  if (node.is_array()) {
    for (Json& each : node) lower(each);
    return;
  }
  if (!node.is_object()) return;
  if (node.contains("anyOf") && node["anyOf"].is_array()) {
    Json kept = node["anyOf"][0];
    node.erase("anyOf");
    for (const auto& [key, value] : kept.items()) {
      if (!node.contains(key)) node[key] = value;
    }
    node["nullable"] = true;
  }
  if (node.contains("type") && node["type"].is_array()) {
    node["type"] = node["type"][0];
    node["nullable"] = true;
  }
  if (node.contains("const")) {
    node["type"] = "string";
    node["enum"] = Json::array({node["const"]});
    node.erase("const");
  }
  if (node.contains("examples") && node["examples"].is_array()) {
    node["example"] = node["examples"][0];
    node.erase("examples");
  }
  for (auto& [key, value] : node.items()) lower(value);
}

}  // namespace

std::string openapi_document(std::string_view version, bool dev) {
  return make_document(version, dev).dump(2);
}

std::string openapi_3_0_document(std::string_view version, bool dev) {
  Json document = make_document(version, dev);
  document["openapi"] = "3.0.3";
  document["info"].erase("summary");
  lower(document);
  return document.dump(2);
}

}  // namespace stardrop::api
