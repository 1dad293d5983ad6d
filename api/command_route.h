// Routes of commands: decode, submit, encode. A command needs one line in routes.cpp and no code.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "api/answers.h"
#include "api/api.h"
#include "api/params.h"
#include "api/problem.h"
#include "api/schema.h"
#include "base/binary.h"
#include "base/json_writer.h"

namespace stardrop::api {

/// Whether a field of `T` is called `name`.
template <Described T>
constexpr bool has_field(std::string_view name) {
  bool found = false;
  for_each_field<T>([&](const auto& each) { found = found || each.name == name; });
  return found;
}

/// What a command's success answers: the command's own `answer`, or its reply's fields.
template <class Command>
void write_answer(JsonWriter& out, const Command& command, const typename Command::Reply& reply) {
  if constexpr (requires { command.answer(out, reply); }) {
    command.answer(out, reply);
  } else {
    out.members(reply);
  }
}

/// An edition as it is published: what `GET /v1/editions/{edition}` answers.
void write_answer(JsonWriter& out,
                  const market::CreateEdition& command,
                  const market::CreateEdition::Reply& reply);

/// Commands that the API fills in further before they go to the engine.
template <class Command>
void prepare(Command&, const Api&, const Principal&, std::string_view /*idempotency_key*/) {}

/// A key's secret is derived from the request, so that the same request sent again answers the
/// same secret, and only its hash is kept.
void prepare(market::CreateKey& command,
             const Api& api,
             const Principal& principal,
             std::string_view idempotency_key);

/// A decoded request of one command.
template <class Command>
struct Prepared {
  Command command;
  engine::Request request;
};

/// Bits of the fields that a user's token fills in when the body leaves them out: who pays, whose
/// account it is.
template <class Command>
std::uint64_t fill_defaults(Command& command, const Principal& principal) {
  std::uint64_t defaults = 0;
  if (principal.kind != ledger::KeyKind::user_token) return 0;
  std::uint64_t bit = 1;
  for_each_field<Command>([&](const auto& f) {
    using Member = typename std::remove_cvref_t<decltype(f)>::Member;
    if constexpr (std::is_same_v<Member, AccountId>) {
      if (f.name == "from" || f.name == "account") {
        command.*(f.member) = principal.caller.account;
        defaults |= bit;
      }
    }
    bit <<= 1U;
  });
  return defaults;
}

/// Decodes body and path into a command, with everything the engine needs beside it.
/// Refused with what `decode_object` and `decode_params` refuse.
template <class Command>
Result<Prepared<Command>> decode_command(Api& api,
                                         const Principal& principal,
                                         JsonValue body,
                                         const std::vector<Param>& path,
                                         std::string_view idempotency_key) {
  Prepared<Command> out;
  Given given;
  STARDROP_TRY_ASSIGN(given.fixed, decode_params(path, out.command));
  given.defaults = fill_defaults(out.command, principal);
  STARDROP_TRY(decode_object(body, out.command, given));
  out.request.caller = principal.caller;
  out.request.idempotency_key = std::string(idempotency_key);
  out.request.fingerprint = api.fingerprint(Command::kCode, to_binary(out.command));
  prepare(out.command, api, principal, idempotency_key);
  out.request.command = out.command;
  return out;
}

/// Why an Idempotency-Key can't be taken; nothing if it can. An empty one stands for none.
std::optional<Error> check_idempotency_key(const http::Request& request, bool required);

/// Waits for a command's outcome and encodes it.
template <class Command>
class CommandPending final : public Pending {
 public:
  CommandPending(Responder responder,
                 unsigned success,
                 Command asked,
                 OpenCheckouts::Place place = {})
      : responder_(std::move(responder)),
        success_(success),
        asked_(std::move(asked)),
        place_(std::move(place)) {}

  bool complete(std::optional<engine::Outcome> outcome) override {
    if (!outcome->ok()) {
      responder_.problem(outcome->error());
      return true;
    }
    const engine::Receipt& receipt = outcome->value();
    std::string body;
    JsonWriter out(body);
    out.begin_object();
    constexpr std::size_t kIndex = market::AllCommands::kIndexOf<Command>;
    // What was asked equals what was journalled, but for personal data, which is sealed there.
    write_answer(out, asked_, std::get<kIndex>(receipt.reply));
    if constexpr (!has_field<typename Command::Reply>("created")) {
      out.key("created").value(receipt.at);
    }
    out.end_object();
    static constexpr http::HeaderField kReplayed[] = {{"Idempotency-Replayed", "true"}};
    responder_.json(success_, std::move(body),
                    receipt.replayed ? std::span<const http::HeaderField>(kReplayed)
                                     : std::span<const http::HeaderField>());
    return true;
  }

 private:
  Responder responder_;
  unsigned success_;
  Command asked_;
  OpenCheckouts::Place place_;
};

/// What a request holds until it is answered; null if it needs nothing. A refusal is the answer.
template <class Command>
Result<OpenCheckouts::Place> place_for(Api&, const Principal&, const Command&, std::string_view) {
  return OpenCheckouts::Place();
}
Result<OpenCheckouts::Place> place_for(Api& api,
                                       const Principal& principal,
                                       const market::ReserveGift& command,
                                       std::string_view idempotency_key);

/// Commands that take the payment behind a top-up back.
template <class Command>
concept ReversesTopUp =
    std::same_as<Command, market::ReverseTopUp> || std::same_as<Command, market::ReportReversal>;
/// They hold nothing, but only so many a minute pass.
template <ReversesTopUp Command>
Result<OpenCheckouts::Place> place_for(Api& api,
                                       const Principal& principal,
                                       const Command&,
                                       std::string_view idempotency_key) {
  STARDROP_TRY(api.admit_reversal(principal, idempotency_key));
  return OpenCheckouts::Place();
}

/// `place_for` of a prepared command. Where only the engine finds out whether the key was used
/// before, the refusal goes along: whoever was answered already is answered the same again.
template <class Command>
Result<OpenCheckouts::Place> admit(Api& api,
                                   const Principal& principal,
                                   Prepared<Command>& prepared,
                                   std::string_view idempotency_key) {
  auto place = place_for(api, principal, prepared.command, idempotency_key);
  const bool known_here = api.engine().key_was_used(principal.caller, idempotency_key).has_value();
  if (place || known_here) return place;
  prepared.request.refused_if_new = std::make_shared<const Error>(std::move(place).error());
  return OpenCheckouts::Place();
}

/// What a late buyer is told at the door, as members of a problem `sold_out`; empty if the engine
/// is to be asked. Good until the next call.
template <class Command>
std::string_view told_at_the_door(Call&, const Command&, std::string_view) {
  return {};
}
std::string_view told_at_the_door(Call& call,
                                  const market::SendGift& command,
                                  std::string_view idempotency_key);

/// Runs a command route.
template <class Command>
void run_command(Call& call) {
  const http::Request& request = call.responder.request();
  if (auto refused = check_idempotency_key(request, call.route.key_required)) {
    return call.responder.problem(*refused);
  }
  if (Status parsed = call.thread.document.parse(request.body.empty() ? "{}" : request.body);
      !parsed) {
    return call.responder.problem(parsed.error());
  }
  std::vector<Param> path;
  std::size_t index = 0;
  if (call.route.pattern.find('{') != std::string_view::npos) {
    for (const std::string_view name : call.route.path_names()) {
      path.push_back({std::string(name), std::string(call.path_values[index++])});
    }
  }
  const std::string_view key = request.idempotency_key();
  auto prepared =
      decode_command<Command>(call.api, call.principal, call.thread.document.root(), path, key);
  if (!prepared) return call.responder.problem(prepared.error());
  if (const auto told = told_at_the_door(call, prepared->command, key); !told.empty()) {
    return call.responder.problem_members(ErrorCode::sold_out, told);
  }
  auto place = admit(call.api, call.principal, *prepared, key);
  if (!place) return call.responder.problem(place.error());
  auto pending =
      std::make_unique<CommandPending<Command>>(std::move(call.responder), call.route.success,
                                                std::move(prepared->command), *std::move(place));
  call.thread.submit(pending.release(), std::move(prepared->request));
}

/// The row of a command in the list of routes.
template <class Command>
Route post(std::string_view pattern,
           ledger::Scope scope,
           std::string_view summary,
           unsigned success = 200) {
  Route route;
  route.method = http::Method::post;
  route.pattern = pattern;
  route.operation = Command::kName;
  route.command = Command::kName;
  route.summary = summary;
  route.scope = scope;
  route.success = success;
  route.key_required =
      allows(Command::kEffects, market::Effect::issues_stars | market::Effect::moves_stars |
                                    market::Effect::creates_gifts | market::Effect::changes_stock);
  route.run = &run_command<Command>;
  route.request_schema = &request_schema<Command>;
  using Answer = typename AnswerOf<Command>::Type;
  route.answer_schema = &answer_schema<Answer, !has_field<typename Command::Reply>("created")>;
  return route;
}

}  // namespace stardrop::api
