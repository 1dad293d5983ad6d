// One document, made once; the older form is derived from it.
#include "api/openapi.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "api/openapi_schemas.h"
#include "api/principal.h"
#include "api/route.h"
#include "api/tags.h"
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
    "description":"RFC 9457, with a stable code. Facts about the refusal stand beside these members.",
    "properties":{
      "type":{"type":"string","format":"uri-reference","description":"Where the code is explained.",
        "examples":["/docs/errors#insufficient_funds"]},
      "title":{"type":"string","description":"The same sentence for every refusal with this code."},
      "status":{"type":"integer","minimum":400,"maximum":599,"description":"The HTTP status.",
        "examples":[402]},
      "code":{"type":"string","pattern":"^[a-z_]+$","description":"Stable; see /docs/errors.",
        "examples":["insufficient_funds"]},
      "detail":{"type":"string","description":"What is wrong with this very request."},
      "param":{"type":"string","description":"The field at fault.","examples":["stars"]},
      "retryable":{"type":"boolean","description":"Whether the same request may be sent again."},
      "instance":{"type":"string","description":"The path that was asked for.",
        "examples":["/v1/gifts"]},
      "request_id":{"type":"string","description":"For the logs."}},
    "additionalProperties":true})");
}

Json problem_response() {
  return Json::parse(R"({"description":"A refusal: an RFC 9457 problem.",
    "headers":{
      "X-Request-Id":{"description":"For the logs.","schema":{"type":"string"}},
      "Retry-After":{"description":"Seconds to wait, where the same request may succeed later.",
        "schema":{"type":"integer","minimum":1}}},
    "content":{"application/problem+json":{
      "schema":{"$ref":"#/components/schemas/Problem"},
      "examples":{
        "insufficient_funds":{"summary":"The account can't pay.","value":{
          "type":"/docs/errors#insufficient_funds",
          "title":"The account does not have enough available Stars.","status":402,
          "code":"insufficient_funds","retryable":false,"required":25,"available":10,
          "instance":"/v1/gifts","request_id":"req_0000rqy4e9s4z7f03"}},
        "missing_field":{"summary":"The request is malformed.","value":{
          "type":"/docs/errors#missing_field","title":"A required field is missing.","status":400,
          "code":"missing_field","param":"max_price","retryable":false,
          "instance":"/v1/gifts","request_id":"req_0000rqy4e9s4z7f04"}}}}}})");
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

/// Where null only says that something was left out, it is no value.
Json never_null(Json schema) {
  if (schema.contains("anyOf")) {
    const Json kept = schema["anyOf"][0];
    schema.erase("anyOf");
    for (const auto& [key, value] : kept.items()) schema[key] = value;
  }
  if (schema.contains("type") && schema["type"].is_array()) {
    const Json kept = schema["type"][0];
    schema["type"] = kept;
  }
  return schema;
}

/// A user's token stands for its account: the fields it fills in may be left out.
void excuse_users(Json& body) {
  for (const std::string_view key : {"from", "account"}) {
    if (!body["properties"].contains(key) || !body.contains("required")) continue;
    Json& required = body["required"];
    const auto at = std::ranges::find(required, Json(key));
    if (at == required.end()) continue;
    required.erase(at);
    Json& sentence = body["properties"][std::string(key)]["description"];
    sentence = sentence.get<std::string>() + " A user's token may leave it out: its own account.";
  }
  if (body.contains("required") && body["required"].empty()) body.erase("required");
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
      if (!source->contains("required")) continue;
      Json& required = (*source)["required"];
      for (auto at = required.begin(); at != required.end();) {
        at = *at == key ? required.erase(at) : at + 1;
      }
      if (required.empty()) source->erase("required");
    }
    out.push_back(parameter(name, "path", true, std::move(schema)));
  }
  if (query.contains("properties")) {
    std::set<std::string> required;
    if (query.contains("required")) {
      for (const auto& name : query["required"]) required.insert(name.get<std::string>());
    }
    for (const auto& [name, schema] : query["properties"].items()) {
      out.push_back(parameter(name, "query", required.contains(name), never_null(schema)));
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

/// Who may call it, in words and as OpenAPI says it.
void add_access(Json& operation, const Route& route) {
  const Json with_key{{"key", Json::array()}};
  std::string text = std::string(route.summary) + " Refusals are listed at /docs/errors.";
  if (route.access == Access::everyone) {
    operation["security"] = Json::array();
    if (route.key_optional) operation["security"] = Json::array({Json::object(), with_key});
  } else {
    operation["security"] = Json::array({with_key});
    text += " Needs the scope `" + std::string(name_of(route.scope)) + "`";
    text += route.access == Access::operator_only ? " of an operator." : ".";
  }
  operation["description"] = std::move(text);
}

Json success_of(const Route& route) {
  Json success;
  success["description"] = route.success == 201   ? "Done; what was made."
                           : route.success == 101 ? "From here on it is a WebSocket."
                                                  : "Done.";
  if (route.answer_schema != nullptr) {
    success["content"]["application/json"]["schema"] = Json::parse(route.answer_schema());
  } else if (!route.answer_type.empty()) {
    const bool json = route.answer_type == "application/json";
    success["content"][std::string(route.answer_type)]["schema"]["type"] =
        json ? "object" : "string";
  }
  if (route.method == http::Method::post && !route.command.empty()) {
    success["headers"]["Idempotency-Replayed"] =
        Json::parse(R"({"description":"`true` if this is the first answer again.",)"
                    R"("schema":{"type":"string","enum":["true"]}})");
  }
  return success;
}

Json operation_of(const Route& route) {
  Json operation;
  operation["operationId"] = route.operation;
  operation["summary"] = route.summary;
  add_access(operation, route);
  operation["tags"] = Json::array({route.tag});
  Json body;
  if (route.request_schema != nullptr) body = Json::parse(route.request_schema());
  Json parameters = parameters_of(route, body.is_null() ? nullptr : &body);
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (!body.is_null()) {
    if (route.access == Access::scoped) excuse_users(body);
    operation["requestBody"]["required"] = body.contains("required");
    operation["requestBody"]["content"]["application/json"]["schema"] = std::move(body);
  }
  Json& answers = operation["responses"];
  answers[std::to_string(route.success)] = success_of(route);
  // A load balancer reads the status; people read the reason.
  if (route.operation == "readyz") {
    answers["503"] = Json::parse(
        R"({"description":"Not now, and why.","content":{"text/plain":{"schema":{"type":"string"}}}})");
  }
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
    document["tags"].push_back(Json{{"name", tag}, {"description", about_tag(tag)}});
  }
  Json& components = document["components"];
  components["securitySchemes"]["key"] =
      Json{{"type", "http"},
           {"scheme", "bearer"},
           {"description",
            "An operator's key (`op_…`), an app's key (`app_…`) or a user's token (`usr_…`), made "
            "with `POST /v1/keys`. What it may be used for are its scopes."}};
  components["schemas"]["Problem"] = problem_schema();
  components["responses"]["Problem"] = problem_response();
  name_schemas(document);
  return document;
}

}  // namespace

std::string openapi_document(std::string_view version, bool dev) {
  return make_document(version, dev).dump(2);
}

std::string openapi_3_0_document(std::string_view version, bool dev) {
  Json document = make_document(version, dev);
  document["openapi"] = "3.0.3";
  document["info"].erase("summary");
  lower_to_3_0(document);
  return document.dump(2);
}

}  // namespace stardrop::api
