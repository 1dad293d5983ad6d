// Requests back into words.
#include "app/simulation/story.h"

#include "base/binary.h"
#include "base/json_writer.h"

namespace stardrop::simulation {

using market::CallerKind;

std::string Story::name(const std::string& id) {
  const auto known = names_.find(id);
  return known != names_.end() ? known->second : id;
}

std::string Story::actor(const market::Caller& caller) {
  if (caller.kind == CallerKind::operator_) return "operator";
  if (caller.kind == CallerKind::engine) return "engine";
  return (caller.kind == CallerKind::app ? "app:" : "") + name(caller.account.text());
}

void Story::clock(Instant from, Instant to) {
  if (from == to) return;
  text_ += "advance  " + std::to_string(to.since(from).us / 1'000'000) + "s\n";
}

void Story::tell(const engine::Request& request, const engine::Outcome& outcome) {
  if (outcome.ok() && outcome->replayed) {
    return note("again under the key " + request.idempotency_key);
  }
  std::string line = actor(request.caller);
  std::visit(
      [&]<class T>(const T& command) {
        line += ' ' + std::string(T::kName);
        const T nothing{};
        for_each_field<T>([&](const auto& f) {
          using Member = typename std::remove_cvref_t<decltype(f)>::Member;
          if constexpr (!std::is_same_v<Member, Bytes>) {
            const auto& value = command.*(f.member);
            if (f.internal || to_binary(value) == to_binary(nothing.*(f.member))) return;
            line += ' ' + std::string(f.name) + '=';
            if constexpr (kIsId<Member>) {
              line += name(value.text());
            } else {
              line += to_json(value);
            }
          }
        });
      },
      request.command);
  line += " -> ";
  if (!outcome) {
    text_ += line + std::string(info(outcome.error().code()).code) + '\n';
    return;
  }
  line += "ok";
  std::visit(
      [&]<class Reply>(const Reply& reply) {
        for_each_field<Reply>([&](const auto& f) {
          using Member = typename std::remove_cvref_t<decltype(f)>::Member;
          if constexpr (kIsId<Member>) {
            const std::string id = (reply.*(f.member)).text();
            if ((reply.*(f.member)).is_set() && !names_.contains(id)) {
              names_[id] = id.substr(0, 1) + std::to_string(names_.size() + 1);
              line += ' ' + std::string(f.name) + '=' + names_[id];
            }
          }
        });
      },
      outcome->reply);
  text_ += line + '\n';
}

}  // namespace stardrop::simulation
