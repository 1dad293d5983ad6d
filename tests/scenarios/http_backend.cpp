// Asks to requests, by the server's own list of routes; JSON to facts.
#include "tests/scenarios/http_backend.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "api/key_table.h"
#include "base/json_writer.h"

namespace stardrop::testing {
namespace {

using Kind = JsonValue::Kind;

/// What no key of a kind is let in for, although the command has more to say about it than
/// `forbidden`: no token of a user has the scope that accounts and keys take, and the operator's
/// routes are the operator's alone.
constexpr std::pair<std::string_view, market::CallerKind> kStoppedAtTheDoor[] = {
    {"update_account", market::CallerKind::user}, {"erase_account", market::CallerKind::user},
    {"revoke_key", market::CallerKind::user},     {"configure", market::CallerKind::user},
    {"reverse_top_up", market::CallerKind::app},  {"report_reversal", market::CallerKind::app},
};

bool is_stopped_at_the_door(const Ask& ask) {
  return std::ranges::any_of(kStoppedAtTheDoor, [&](const auto& each) {
    return each.first == ask.command && each.second == ask.caller.kind;
  });
}

const api::Route* route_of(std::string_view command) {
  const auto routes = api::all_routes();
  const auto found = std::ranges::find(routes, command, &api::Route::command);
  return found != routes.end() ? &*found : nullptr;
}

void write(JsonWriter& out, JsonValue value) {
  switch (value.kind()) {
    case Kind::null: out.null(); break;
    case Kind::boolean: out.boolean(value.boolean()); break;
    case Kind::integer: out.integer(value.integer()); break;
    case Kind::other_number: ADD_FAILURE() << "stories tell of whole numbers only"; break;
    case Kind::text: out.text(value.text()); break;
    case Kind::array:
      out.begin_array();
      value.for_each_element([&](JsonValue each) { write(out, each); });
      out.end_array();
      break;
    case Kind::object:
      out.begin_object();
      value.for_each_member([&](std::string_view name, JsonValue each) {
        out.key(name);
        write(out, each);
      });
      out.end_object();
      break;
  }
}

/// What is asked, parted as the route takes it.
struct Parted {
  std::string path;
  std::string body;
};

Parted part(const api::Route& route, const std::string& json) {
  Parted out{std::string(route.pattern), {}};
  JsonDocument document;
  if (!document.parse(json).ok()) ADD_FAILURE() << json;
  JsonWriter body(out.body);
  body.begin_object();
  document.root().for_each_member([&](std::string_view name, JsonValue value) {
    const std::string place = '{' + std::string(name) + '}';
    const std::size_t at = out.path.find(place);
    if (at == std::string::npos) {
      body.key(name);
      write(body, value);
    } else {
      out.path.replace(at, place.size(), value.text());
    }
  });
  body.end_object();
  return out;
}

bool is_id(std::string_view text) {
  const std::size_t at = text.find('_');
  return at != std::string_view::npos && parse_id_digits(text.substr(at + 1)).has_value();
}

/// The members of an object as facts. An amount is its number; of other objects the members are
/// told by both their names, lists by none.
void tell(JsonValue object, const std::string& inside, Facts& facts) {
  object.for_each_member([&](std::string_view key, JsonValue value) {
    const std::string name = inside + std::string(key);
    switch (value.kind()) {
      case Kind::null: facts[name] = "null"; break;
      case Kind::boolean: facts[name] = value.boolean() ? "true" : "false"; break;
      case Kind::integer: facts[name] = std::to_string(value.integer()); break;
      case Kind::text: facts[name] = value.text(); break;
      case Kind::object:
        tell(value, name + '.', facts);
        if (const auto amount = facts.find(name + ".amount"); amount != facts.end()) {
          facts[name] = amount->second;
        }
        break;
      case Kind::other_number:
      case Kind::array: break;
    }
  });
}

/// Facts of a view under the names that rows and replies have for them.
Facts facts_of(JsonValue object) {
  Facts out;
  tell(object, "", out);
  for (const char* const name : {"posted", "held", "available"}) {
    const auto stars = out.find("balances.XTR." + std::string(name));
    if (stars != out.end()) out[name] = stars->second;
  }
  if (const auto id = out.find("id"); id != out.end() && id->second.starts_with("gft_")) {
    out.emplace("gift", id->second);
    if (out["serial"] == "null") out["serial"] = "0";  // the gift is of an unlimited edition
  }
  return out;
}

}  // namespace

std::vector<std::string> commands_without_route() {
  std::vector<std::string> out = command_names();
  std::erase_if(out, [](const std::string& command) { return route_of(command) != nullptr; });
  return out;
}

HttpBackend::HttpBackend(engine::Store& store) : world_(store, ExecutorBackend::kStart) {
  world_.on_commit([this](const engine::BatchReport& report) {
    // The ledger may be ahead of the clock, by much less than a story ever waits.
    const Instant now = world_.clock.now().plus(Duration::seconds(1));
    report.state.table<ledger::Timer>().for_each_change([&](const auto& change) {
      if (change.existed && change.after == nullptr && change.key.first <= now.us) ++handled_;
    });
  });
}

std::string HttpBackend::secret_of(const market::Caller& caller) {
  if (caller.kind == market::CallerKind::operator_) return world_.operator_secret;
  std::string& secret = secrets_[{caller.kind, caller.account}];
  if (!secret.empty()) return secret;
  // Only the door knows this key. One in the ledger would be revoked when its account is erased,
  // and counted: the stories tell what the erased are refused, and of no keys but their own.
  ledger::AccessKey row;
  row.id = KeyId(static_cast<std::int64_t>(secrets_.size()));
  row.kind = caller.kind == market::CallerKind::app ? ledger::KeyKind::app_key
                                                    : ledger::KeyKind::user_token;
  row.account = caller.account;
  row.scopes = market::scopes_of(row.kind);
  secret = api::secret_text(row.kind, sha256(caller.account.text()));
  row.secret_sha256.data = std::string(bytes_of(sha256(secret)));
  market::State keys;
  keys.table<ledger::AccessKey>().put(std::move(row));
  const std::vector<market::Event> none;
  world_.engine().run([&](engine::Executor&) { world_.api().on_commit({none, keys}); });
  return secret;
}

Answer HttpBackend::submit_to_engine(const Ask& ask) {
  auto request = request_of(ask);
  Answer out = answer_of(request ? world_.engine().call(*std::move(request))
                                 : engine::Outcome(std::move(request).error()));
  // The engine is quicker than the story: it has done what was due when the clock moved.
  if (ask.command == market::RunTimers::kName && out.code == "ok") {
    out.facts["handled"] = std::to_string(handled_.exchange(0));
  }
  return out;
}

Answer HttpBackend::submit(const Ask& ask) {
  const api::Route* const route = route_of(ask.command);
  if (route == nullptr) return submit_to_engine(ask);
  Answer out = submit_to_route(*route, ask);
  if (!is_stopped_at_the_door(ask)) return out;
  EXPECT_EQ(out.code, "forbidden") << ask.command << " is told over HTTP: take it from the list";
  return submit_to_engine(ask);
}

Answer HttpBackend::submit_to_route(const api::Route& route, const Ask& ask) {
  const Parted parted = part(route, ask.json);
  // What is given goes without saying; over HTTP it has a key, as all that moves money.
  const std::string key = ask.key.empty() ? "given-" + std::to_string(++keys_) : ask.key;
  const auto answer = world_.send("POST", parted.path, secret_of(ask.caller), key, parted.body);
  Answer out;
  if (!answered_.parse(answer.body).ok()) {
    ADD_FAILURE() << answer.head << answer.body;
    return out;
  }
  out.facts = facts_of(answered_.root());
  const bool refused = answer.header("Content-Type") == "application/problem+json";
  out.code = refused ? out.facts["code"] : "ok";
  EXPECT_EQ(std::to_string(answer.status),
            refused ? out.facts["status"] : std::to_string(route.success));
  out.replayed = answer.header("Idempotency-Replayed") == "true";
  for (const auto& [name, value] : out.facts) {
    if (is_id(value)) out.ids.insert(name);
  }
  return out;
}

std::optional<Facts> HttpBackend::look(const std::string& id) {
  std::optional<Facts> row;
  world_.engine().run([&](engine::Executor& executor) {
    engine::Reader reader = executor.reader();
    row = row_of(reader, id);
  });
  const auto told = get(id);
  EXPECT_EQ(row.has_value(), told.has_value()) << id;
  if (!row || !told) return row;
  for (const auto& [name, value] : *told) (*row)[name] = value;
  return row;
}

std::optional<Facts> HttpBackend::get(const std::string& id) {
  const std::string prefix = id.substr(0, id.find('_') + 1);
  if (prefix == KeyTag::kPrefix) return get_from_list("/v1/keys?limit=100", id);
  if (const auto known = patterns_.find(prefix); known != patterns_.end()) {
    return get_from(known->second, id);
  }
  for (const api::Route& route : api::all_routes()) {
    const bool of_one = route.method == api::http::Method::get && route.pattern.ends_with('}') &&
                        route.path_names().size() == 1;
    if (!of_one) continue;
    if (auto told = get_from(route.pattern, id)) {
      patterns_[prefix] = route.pattern;
      return told;
    }
  }
  return std::nullopt;
}

std::optional<Facts> HttpBackend::get_from(std::string_view pattern, const std::string& id) {
  const auto answer = world_.get(std::string(pattern.substr(0, pattern.find('{'))) + id);
  if (answer.status != 200 || !answered_.parse(answer.body).ok()) return std::nullopt;
  return facts_of(answered_.root());
}

std::optional<Facts> HttpBackend::get_from_list(const std::string& path, const std::string& id) {
  const auto answer = world_.get(path);
  if (answer.status != 200 || !answered_.parse(answer.body).ok()) return std::nullopt;
  std::optional<Facts> out;
  answered_.root().for_each_member([&](std::string_view name, JsonValue list) {
    if (name != "data") return;
    list.for_each_element([&](JsonValue each) {
      Facts facts = facts_of(each);
      if (facts["id"] == id) out = std::move(facts);
    });
  });
  return out;
}

}  // namespace stardrop::testing
