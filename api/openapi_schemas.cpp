// Names for schemas; the older dialect.
#include "api/openapi_schemas.h"

#include <string>
#include <utility>
#include <vector>

#include "api/queries/availability.h"
#include "api/queries/keys.h"
#include "api/queries/money.h"
#include "api/queries/reservation.h"
#include "api/queries/transactions.h"
#include "api/schema.h"
#include "api/views.h"

namespace stardrop::api {
namespace {

using Json = nlohmann::ordered_json;

struct Named {
  std::string name;
  Json schema;
};

/// What is met in several answers. Inner ones first.
const std::vector<Named>& shared_schemas() {
  static const std::vector<Named> all{
      {"Money", Json::parse(answer_schema<market::Money>())},
      {"Balance", Json::parse(answer_schema<market::Balance>())},
      {"Balances", Json::parse(answer_schema<market::Balances>())},
      {"Entity", Json::parse(answer_schema<market::Entity>())},
      {"NewEntity", Json::parse(request_schema<market::Entity>())},
      {"Edition", Json::parse(answer_schema<EditionView>())},
      {"Gift", Json::parse(answer_schema<GiftView>())},
      {"Account", Json::parse(answer_schema<AccountView>())},
      {"Transaction", Json::parse(answer_schema<TransactionView>())},
      {"TopUp", Json::parse(answer_schema<GetTopUp::Reply>())},
      {"Transfer", Json::parse(answer_schema<GetTransfer::Reply>())},
      {"Hold", Json::parse(answer_schema<GetHold::Reply>())},
      {"Reservation", Json::parse(answer_schema<GetReservation::Reply>())},
      {"WaitlistPlace", Json::parse(answer_schema<GetWaitlistPlace::Reply>())},
      {"Availability", Json::parse(answer_schema<GetAvailability::Reply>())},
      {"Key", Json::parse(answer_schema<KeyView>())}};
  return all;
}

Json reference_to(const std::string& name) {
  return Json{{"$ref", "#/components/schemas/" + name}};
}

/// `send_gift` as `SendGift`.
std::string pascal(std::string_view words) {
  std::string out;
  bool begins = true;
  for (const char c : words) {
    if (c == '_') {
      begins = true;
      continue;
    }
    out += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = false;
  }
  return out;
}

/// Puts references in the place of shared schemas in `node` and below it.
void refer(Json& node, Json& components) {  // NOLINT(misc-no-recursion): as deep as the schema
  if (node.is_array()) {
    for (Json& each : node) refer(each, components);
    return;
  }
  if (!node.is_object()) return;
  if (node.contains("properties")) {
    Json bare = node;
    bare.erase("description");
    for (const Named& named : shared_schemas()) {
      if (bare != named.schema) continue;
      Json reference = reference_to(named.name);
      if (node.contains("description")) reference["description"] = node["description"];
      node = std::move(reference);
      if (!components.contains(named.name)) {
        components[named.name] = Json::object();  // taken, before what is in it is looked at
        Json schema = named.schema;
        for (Json& property : schema["properties"]) refer(property, components);
        components[named.name] = std::move(schema);
      }
      return;
    }
  }
  for (auto& [key, value] : node.items()) refer(value, components);
}

/// Gives the schema of a body a name of its own, unless it has one.
void name_body(Json& content, const std::string& name, Json& components) {
  if (!content.contains("application/json")) return;
  Json& schema = content["application/json"]["schema"];
  refer(schema, components);
  if (schema.contains("$ref") || !schema.contains("properties")) return;
  components[name] = std::move(schema);
  schema = reference_to(name);
}

}  // namespace

void name_schemas(Json& document) {
  Json& components = document["components"]["schemas"];
  for (auto& [path, operations] : document["paths"].items()) {
    for (auto& [method, operation] : operations.items()) {
      const std::string name = pascal(operation["operationId"].get<std::string>());
      if (operation.contains("requestBody")) {
        name_body(operation["requestBody"]["content"], name + "Request", components);
      }
      for (auto& [status, response] : operation["responses"].items()) {
        if (response.contains("content")) {
          name_body(response["content"], name + "Answer", components);
        }
      }
    }
  }
}

void lower_to_3_0(Json& node) {  // NOLINT(misc-no-recursion): as deep as the document
  if (node.is_array()) {
    for (Json& each : node) lower_to_3_0(each);
    return;
  }
  if (!node.is_object()) return;
  if (node.contains("anyOf") && node["anyOf"].is_array()) {
    const Json kept = node["anyOf"][0];
    node.erase("anyOf");
    for (const auto& [key, value] : kept.items()) {
      if (!node.contains(key)) node[key] = value;
    }
    node["nullable"] = true;
  }
  if (node.contains("type") && node["type"].is_array()) {
    const Json kept = node["type"][0];
    node["type"] = kept;
    node["nullable"] = true;
  }
  if (node.contains("nullable") && node.contains("enum")) node["enum"].push_back(nullptr);
  if (node.contains("const")) {
    node["type"] = "string";
    node["enum"] = Json::array({node["const"]});
    node.erase("const");
  }
  if (node.contains("examples") && node["examples"].is_array()) {
    const Json first = node["examples"][0];
    node["example"] = first;
    node.erase("examples");
  }
  // Nothing beside a reference is looked at.
  if (node.contains("$ref") && node.size() > 1) {
    const Json reference{{"$ref", node["$ref"]}};
    node.erase("$ref");
    node["allOf"] = Json::array({reference});
  }
  for (auto& [key, value] : node.items()) lower_to_3_0(value);
}

}  // namespace stardrop::api
