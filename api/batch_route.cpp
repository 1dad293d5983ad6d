// The batch: every line decoded like a request of its own, all submitted as one group.
#include "api/batch_route.h"

#include <functional>
#include <map>

#include "api/command_route.h"

namespace stardrop::api {
namespace {

/// A batch that waits for its lines.
class Batch {
 public:
  Batch(Responder responder, Metrics& metrics, std::size_t lines)
      : responder_(std::move(responder)), metrics_(metrics) {
    results_.resize(lines);
    waiting_ = lines;
  }

  /// Sets a line's result; answers when it was the last.
  void set(std::size_t line, std::string result) {
    results_[line] = std::move(result);
    if (--waiting_ != 0) return;
    std::size_t size = 32;
    for (const std::string& each : results_) size += each.size() + 1;
    std::string body;
    body.reserve(size);
    body += "{\"object\":\"list\",\"data\":[";
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (i > 0) body += ',';
      body += results_[i];
    }
    body += "]}";
    responder_.json(200, std::move(body));
  }
  /// The same for a line that is refused with these members of a problem.
  void refuse(std::size_t line, ErrorCode code, std::string_view members) {
    metrics_.refused(code);
    std::string text;
    JsonWriter out(text);
    out.begin_object();
    out.key("status").integer(info(code).http_status);
    out.key("replayed").boolean(false);
    text.append(",\"body\":{").append(members).append("}}");
    set(line, std::move(text));
  }
  void refuse(std::size_t line, const Error& error) {
    std::string members;
    JsonWriter out(members);
    write_problem(out, error);
    refuse(line, error.code(), members);
  }

 private:
  Responder responder_;
  Metrics& metrics_;
  std::vector<std::string> results_;
  std::size_t waiting_;
};

/// One line that waits for its outcome.
template <class Command>
class LinePending final : public Pending {
 public:
  LinePending(std::shared_ptr<Batch> batch,
              std::size_t line,
              unsigned success,
              Command asked,
              OpenCheckouts::Place place)
      : batch_(std::move(batch)),
        line_(line),
        success_(success),
        asked_(std::move(asked)),
        place_(std::move(place)) {}

  bool complete(std::optional<engine::Outcome> outcome) override {
    if (outcome->ok()) {
      batch_->set(line_, text_of(outcome->value()));
    } else {
      batch_->refuse(line_, outcome->error());
    }
    return true;
  }

 private:
  std::string text_of(const engine::Receipt& receipt) const {
    std::string text;
    JsonWriter out(text);
    out.begin_object();
    out.key("status").integer(success_);
    out.key("replayed").boolean(receipt.replayed);
    out.key("body").begin_object();
    write_answer(out, asked_, std::get<market::AllCommands::kIndexOf<Command>>(receipt.reply));
    if constexpr (!has_field<typename Command::Reply>("created")) {
      out.key("created").value(receipt.at);
    }
    out.end_object().end_object();
    return text;
  }

  std::shared_ptr<Batch> batch_;
  std::size_t line_;
  unsigned success_;
  Command asked_;
  OpenCheckouts::Place place_;
};

/// What a line is made of.
struct Line {
  std::string_view command;
  std::string_view idempotency_key;
  std::optional<JsonValue> params;
};

Result<Line> read_line(JsonValue value) {
  if (value.kind() != JsonValue::Kind::object) {
    return Error(ErrorCode::invalid_value).detail("A line of a batch is an object.");
  }
  Line line;
  std::optional<Error> refused;
  value.for_each_member([&](std::string_view key, JsonValue member) {
    const bool text = member.kind() == JsonValue::Kind::text;
    if (key == "command" && text) {
      line.command = member.text();
    } else if (key == "idempotency_key" && text) {
      line.idempotency_key = member.text();
    } else if (key == "params") {
      line.params = member;
    } else if (!refused) {
      refused = Error(ErrorCode::unknown_field).param(std::string(key));
    }
  });
  if (refused) return *std::move(refused);
  if (line.command.empty()) return Error(ErrorCode::missing_field).param("command");
  if (!line.params) return Error(ErrorCode::missing_field).param("params");
  bool sound = line.idempotency_key.size() <= 255;
  for (const char c : line.idempotency_key) sound = sound && c > 0x20 && c < 0x7f;
  if (!sound) return ErrorCode::idempotency_key_invalid;
  return line;
}

const Route* route_of(std::string_view command) {
  static const std::map<std::string_view, const Route*> by_command = [] {
    std::map<std::string_view, const Route*> out;
    for (const Route& route : all_routes()) {
      if (!route.command.empty()) out.emplace(route.command, &route);
    }
    return out;
  }();
  const auto found = by_command.find(command);
  return found == by_command.end() ? nullptr : found->second;
}

/// Decodes one line and hands it in. Refused with what its route would refuse.
Status submit_line(Call& call,
                   const std::shared_ptr<Batch>& batch,
                   std::size_t number,
                   JsonValue value) {
  STARDROP_TRY_ASSIGN(const Line line, read_line(value));
  const Route* const route = route_of(line.command);
  if (route == nullptr) return Error(ErrorCode::invalid_value).param("command");
  if (!route_allows(*route, call.principal)) return ErrorCode::forbidden;
  if (route->key_required && line.idempotency_key.empty()) {
    return ErrorCode::idempotency_key_required;
  }
  std::optional<Status> result;
  market::AllCommands::for_each([&]<class Command>(std::type_identity<Command>) {
    if (result || Command::kName != line.command) return;
    auto prepared =
        decode_command<Command>(call.api, call.principal, *line.params, {}, line.idempotency_key);
    if (!prepared) {
      result.emplace(std::move(prepared).error());
      return;
    }
    const std::string_view told = told_at_the_door(call, prepared->command, line.idempotency_key);
    if (!told.empty()) {
      batch->refuse(number, ErrorCode::sold_out, told);
      result.emplace(done());
      return;
    }
    auto place = admit(call.api, call.principal, *prepared, line.idempotency_key);
    if (!place) {
      result.emplace(std::move(place).error());
      return;
    }
    auto pending = std::make_unique<LinePending<Command>>(
        batch, number, route->success, std::move(prepared->command), *std::move(place));
    call.thread.submit(pending.release(), std::move(prepared->request));
    result.emplace(done());
  });
  return result ? *std::move(result) : Status(ErrorCode::internal);
}

}  // namespace

void run_batch(Call& call) {
  JsonDocument& document = call.thread.document;
  if (Status parsed = document.parse(call.responder.request().body); !parsed) {
    return call.responder.problem(parsed.error());
  }
  std::optional<JsonValue> commands;
  bool sound = document.root().kind() == JsonValue::Kind::object;
  if (sound) {
    document.root().for_each_member([&](std::string_view key, JsonValue value) {
      sound = sound && key == "commands" && value.kind() == JsonValue::Kind::array;
      commands = value;
    });
  }
  if (!sound || !commands) {
    return call.responder.problem(Error(ErrorCode::invalid_value)
                                      .param("commands")
                                      .detail("The body is {\"commands\":[…]}."));
  }
  const std::size_t count = commands->size();
  if (count > kBatchCommandsMax) {
    return call.responder.problem(
        Error(ErrorCode::batch_too_large).with("commands", static_cast<std::int64_t>(count)));
  }
  if (count == 0) return call.responder.json(200, R"({"object":"list","data":[]})");
  auto batch = std::make_shared<Batch>(std::move(call.responder), call.api.metrics(), count);
  std::size_t number = 0;
  commands->for_each_element([&](JsonValue line) {
    if (Status submitted = submit_line(call, batch, number, line); !submitted) {
      batch->refuse(number, submitted.error());
    }
    ++number;
  });
}

std::string batch_request_schema() {
  return R"({"type":"object","required":["commands"],"additionalProperties":false,"properties":{)"
         R"("commands":{"type":"array","maxItems":1000,"items":{"type":"object",)"
         R"("required":["command","params"],"additionalProperties":false,"properties":{)"
         R"("command":{"type":"string","description":"Name of the command.","examples":["send_gift"]},)"
         R"("idempotency_key":{"type":"string","maxLength":255,"description":"The line's own key."},)"
         R"("params":{"type":"object","description":"What the command's own route takes, path included."}}}}}})";
}

std::string batch_answer_schema() {
  return R"({"type":"object","required":["object","data"],"properties":{"object":{"const":"list"},)"
         R"("data":{"type":"array","items":{"type":"object","required":["status","replayed","body"],)"
         R"("properties":{"status":{"type":"integer"},"replayed":{"type":"boolean"},)"
         R"("body":{"type":"object"}}}}}})";
}

}  // namespace stardrop::api
