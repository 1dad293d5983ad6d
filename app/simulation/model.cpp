// The rules once more, as plainly as possible: who asks, keys, people and settings.
#include "app/simulation/model.h"

#include <algorithm>

#include "base/binary.h"

namespace stardrop::simulation {

using market::Caller;
using market::CallerKind;

namespace {

std::string bytes_of_reply(const market::AnyReply& reply) {
  return std::visit([](const auto& each) { return to_binary(each); }, reply);
}

}  // namespace

bool Verdict::allows(const Verdict& found) const {
  const bool none_leased = !found.ok && (found.refusal == ErrorCode::still_on_sale ||
                                         found.refusal == ErrorCode::sold_out);
  return text() == found.text() || (may_lease && none_leased);
}

std::string Verdict::text() const {
  if (!ok) return std::string(info(refusal).code);
  return replayed ? "ok, replayed" : "ok";
}

const Person* Model::person(AccountId id) const {
  const auto found = people_.find(id);
  return found != people_.end() ? &found->second : nullptr;
}

const Person* Model::reachable(AccountId id, const Caller& caller) const {
  const Person* const found = person(id);
  if (found == nullptr || caller.is_operator()) return found;
  if (id == caller.account) return found;
  return caller.kind == CallerKind::app && found->app == caller.account ? found : nullptr;
}

bool Model::knows_key(const engine::Request& request) const {
  return keys_.contains({request.caller.kind, request.caller.account, request.idempotency_key});
}

Verdict Model::predict(const engine::Request& request, Instant clock) const {
  at_ = std::max(clock, last_time_.plus(Duration{1}));
  if (!request.idempotency_key.empty()) {
    const auto used =
        keys_.find({request.caller.kind, request.caller.account, request.idempotency_key});
    if (used != keys_.end()) {
      const bool same = used->second.fingerprint == request.fingerprint &&
                        used->second.command == request.command.index();
      return same ? Verdict::replay() : Verdict::refused(ErrorCode::idempotency_key_reused);
    }
  }
  return std::visit([&](const auto& command) { return decide(command, request.caller); },
                    request.command);
}

std::string Model::apply(const engine::Request& request,
                         const engine::Receipt& receipt,
                         Instant clock) {
  const KeyOf key{request.caller.kind, request.caller.account, request.idempotency_key};
  const std::string reply = bytes_of_reply(receipt.reply);
  if (receipt.replayed) {
    const Used& used = keys_.at(key);
    return used.op == receipt.op && used.reply == reply ? "" : "a replay answers something else";
  }
  // Times that a lost batch had used up are not used again, so it may be a little later.
  const Instant soonest = std::max(clock, last_time_.plus(Duration{1}));
  if (receipt.at < soonest || receipt.at >= soonest.plus(Duration::seconds(1))) {
    return "the time is wrong";
  }
  last_time_ = receipt.at;
  if (!request.idempotency_key.empty()) {
    keys_[key] = {request.fingerprint, request.command.index(), receipt.op, reply};
  }
  return std::visit(
      [&]<class T>(const T& command) {
        constexpr std::size_t kIndex = market::AllCommands::kIndexOf<T>;
        return done(command, std::get<kIndex>(receipt.reply), request.caller);
      },
      request.command);
}

std::optional<ErrorCode> Model::own_refused(AccountId id, const Caller& caller) const {
  const Person* const found = reachable(id, caller);
  if (found == nullptr) return ErrorCode::account_not_found;
  return found->erased ? std::optional(ErrorCode::account_erased) : std::nullopt;
}

std::optional<ErrorCode> Model::receiver_refused(AccountId id) const {
  const Person* const found = person(id);
  if (found == nullptr) return ErrorCode::account_not_found;
  return found->erased ? std::optional(ErrorCode::account_erased) : std::nullopt;
}

Verdict Model::decide(const market::CreateAccount& command, const Caller&) const {
  if (command.kind > ledger::AccountKind::channel) {
    return Verdict::refused(ErrorCode::invalid_value);
  }
  return Verdict::success();
}

std::string Model::done(const market::CreateAccount& command,
                        const market::CreateAccount::Reply& reply,
                        const Caller& caller) {
  Person person;
  person.kind = command.kind;
  person.premium = command.premium;
  if (caller.kind == CallerKind::app) person.app = caller.account;
  person.made = last_time_;
  return people_.emplace(reply.id, person).second ? "" : "an id is given twice";
}

Verdict Model::decide(const market::UpdateAccount& command, const Caller& caller) const {
  if (const auto refused = own_refused(command.account, caller)) return Verdict::refused(*refused);
  if (command.premium && caller.kind == CallerKind::user) {
    return Verdict::refused(ErrorCode::forbidden);
  }
  return Verdict::success();
}

std::string Model::done(const market::UpdateAccount& command,
                        const market::UpdateAccount::Reply&,
                        const Caller&) {
  if (command.premium) people_.at(command.account).premium = *command.premium;
  return "";
}

Verdict Model::decide(const market::EraseAccount& command, const Caller& caller) const {
  const auto refused = own_refused(command.account, caller);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::EraseAccount& command,
                        const market::EraseAccount::Reply& reply,
                        const Caller&) {
  Person& gone = people_.at(command.account);
  gone.erased = true;
  gone.premium = false;
  std::int64_t revoked = 0;
  for (auto& [id, key] : access_keys_) {
    if (key.account != command.account || key.revoked) continue;
    key.revoked = true;
    ++revoked;
  }
  for (auto& [id, ware] : wares_) {
    std::erase_if(ware.line, [&](const auto& place) { return place.second == command.account; });
  }
  const auto expire = [&](Kept& kept) {
    if (kept.open && kept.account == command.account) kept.until = std::min(kept.until, last_time_);
  };
  for (auto& [id, kept] : kept_) expire(kept);
  for (Kept& kept : kept_for_line_) expire(kept);
  if (reply.keys_revoked != revoked) return "another number of keys is revoked";
  const bool same = reply.posted.whole_part() == gone.stars &&
                    reply.held.whole_part() == gone.held && reply.owed.whole_part() == gone.owed;
  return same ? "" : "what an erased account has is wrong";
}

Verdict Model::decide(const market::CreateKey& command, const Caller& caller) const {
  if (const auto refused = own_refused(command.account, caller)) return Verdict::refused(*refused);
  const bool app_key = command.kind == ledger::KeyKind::app_key;
  if (app_key && person(command.account)->kind != ledger::AccountKind::bot) {
    return Verdict::refused(ErrorCode::invalid_value);
  }
  const bool may = caller.is_operator() || (!app_key && caller.kind == CallerKind::app);
  return may ? Verdict::success() : Verdict::refused(ErrorCode::forbidden);
}

std::string Model::done(const market::CreateKey& command,
                        const market::CreateKey::Reply& reply,
                        const Caller&) {
  return access_keys_.emplace(reply.id, Key{command.account, false}).second
             ? ""
             : "an id is given twice";
}

Verdict Model::decide(const market::RevokeKey& command, const Caller& caller) const {
  const auto found = access_keys_.find(command.key);
  if (found == access_keys_.end() || reachable(found->second.account, caller) == nullptr) {
    return Verdict::refused(ErrorCode::key_not_found);
  }
  return Verdict::success();
}

std::string Model::done(const market::RevokeKey& command,
                        const market::RevokeKey::Reply& reply,
                        const Caller&) {
  const bool already = std::exchange(access_keys_.at(command.key).revoked, true);
  return reply.already == already ? "" : "a key was revoked before, or was not";
}

Verdict Model::decide(const market::Configure&, const Caller& caller) const {
  return caller.is_operator() ? Verdict::success() : Verdict::refused(ErrorCode::forbidden);
}

std::string Model::done(const market::Configure& command,
                        const market::Configure::Reply&,
                        const Caller&) {
  settings_ = command;
  return "";
}

}  // namespace stardrop::simulation
