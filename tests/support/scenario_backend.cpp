// Commands by name, bodies and replies by description: the executor behind a scenario.
#include "base/binary.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "tests/support/scenario.h"

namespace stardrop::testing {
namespace {

using market::AllCommands;

/// The JSON of a value; ids and texts without their quotes.
std::string plain(std::string json) {
  if (json.size() >= 2 && json.front() == '"') return json.substr(1, json.size() - 2);
  return json;
}

/// Puts the fields of a described struct among the facts.
template <class T>
void tell(const T& from, Facts& facts, std::set<std::string>* ids) {
  for_each_field<T>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    if constexpr (!std::is_same_v<Member, Bytes>) {
      facts[std::string(f.name)] = plain(to_json(from.*(f.member)));
      if constexpr (kIsId<Member>) {
        if (ids != nullptr) ids->insert(std::string(f.name));
      }
    }
  });
}

Answer refusal(const Error& error) {
  Answer out;
  out.code = info(error.code()).code;
  if (!error.param_name().empty()) out.facts["param"] = error.param_name();
  for (const Fact& fact : error.facts()) {
    std::string text;
    if (const auto* number = std::get_if<std::int64_t>(&fact.value)) text = std::to_string(*number);
    if (const auto* yes = std::get_if<bool>(&fact.value)) text = *yes ? "true" : "false";
    if (const auto* words = std::get_if<std::string>(&fact.value)) text = *words;
    out.facts[std::string(fact.name)] = text;
  }
  return out;
}

/// The command called `name` with the body `json`.
Result<market::AnyCommand> decode_command(const std::string& name, const std::string& json) {
  JsonDocument document;
  STARDROP_TRY(document.parse(json));
  Result<market::AnyCommand> out = Error(ErrorCode::not_found).with("command", name);
  AllCommands::for_each([&]<class T>(std::type_identity<T>) {
    if (T::kName != name) return;
    T command;
    Status decoded = decode_object(document.root(), command);
    if (decoded) {
      out = market::AnyCommand(std::move(command));
    } else {
      out = std::move(decoded).error();
    }
  });
  return out;
}

template <class Row>
constexpr bool is_found_by_id() {
  if constexpr (kIsId<typename Row::Key>) {
    return std::get<0>(Row::fields()).name == "id";
  } else {
    return false;
  }
}

}  // namespace

ExecutorBackend::ExecutorBackend(engine::Store& store)
    : executor_(store, clock_, {.master_key = {}, .entropy = [] { return 42U; }}) {
  const Status opened = executor_.open();
  STARDROP_ASSERT(opened.ok(), "a scenario begins with a store that opens");
}

Result<engine::Request> request_of(const Ask& ask) {
  STARDROP_TRY_ASSIGN(market::AnyCommand command, decode_command(ask.command, ask.json));
  engine::Request out;
  out.caller = ask.caller;
  out.idempotency_key = ask.key;
  out.fingerprint = leading64(sha256(ask.command, ask.json));
  out.command = std::move(command);
  return out;
}

Answer answer_of(const engine::Outcome& outcome) {
  if (!outcome) return refusal(outcome.error());
  Answer out;
  out.code = "ok";
  out.replayed = outcome->replayed;
  std::visit([&](const auto& reply) { tell(reply, out.facts, &out.ids); }, outcome->reply);
  return out;
}

std::optional<Facts> row_of(engine::Reader& rows, const std::string& id) {
  std::optional<Facts> out;
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if constexpr (is_found_by_id<Row>()) {
      const auto key = Row::Key::parse(id);
      if (out || !key) return;
      const Row* const row = rows.find<Row>(*key);
      if (row == nullptr) return;
      tell(*row, out.emplace(), nullptr);
      if constexpr (std::is_same_v<Row, ledger::Account>) {
        (*out)["available"] = row->available().text();
      }
      if constexpr (std::is_same_v<Row, ledger::Edition>) {
        (*out)["left"] = std::to_string(row->left());
      }
    }
  });
  return out;
}

Answer ExecutorBackend::submit(const Ask& ask) {
  auto request = request_of(ask);
  if (!request) return refusal(request.error());
  std::vector<engine::Request> requests;
  requests.push_back(*std::move(request));
  std::vector<engine::Outcome> outcomes;
  executor_.execute(requests, outcomes);
  return answer_of(outcomes.front());
}

std::optional<Facts> ExecutorBackend::look(const std::string& id) {
  engine::Reader reader = executor_.reader();
  return row_of(reader, id);
}

std::vector<std::string> command_names() {
  std::vector<std::string> out;
  AllCommands::for_each(
      [&]<class T>(std::type_identity<T>) { out.emplace_back(std::string(T::kName)); });
  return out;
}

}  // namespace stardrop::testing
