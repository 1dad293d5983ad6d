// The rules once more, as plainly as possible.
#include "tests/simulation/model.h"

#include <algorithm>

#include "base/binary.h"

namespace stardrop::simulation {

using market::Caller;
using market::CallerKind;

namespace {

std::string bytes_of_reply(const market::AnyReply& reply) {
  return std::visit([](const auto& each) { return to_binary(each); }, reply);
}

bool is_operator(const Caller& caller) {
  return caller.kind == CallerKind::operator_ || caller.kind == CallerKind::engine;
}

}  // namespace

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
  if (found == nullptr || is_operator(caller)) return found;
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

Verdict Model::decide(const market::CreateAccount& command, const Caller&) const {
  if (command.kind > ledger::AccountKind::channel)
    return Verdict::refused(ErrorCode::invalid_value);
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

Verdict Model::decide(const market::TopUp& command, const Caller& caller) const {
  if (settings_.stars_purchase_blocked) return Verdict::refused(ErrorCode::forbidden);
  if (command.stars.whole_part() > settings_.top_up_stars_max) {
    return Verdict::refused(ErrorCode::amount_out_of_range);
  }
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  if (reachable(command.account, caller) == nullptr) {
    return Verdict::refused(ErrorCode::account_not_found);
  }
  if (payments_.contains({command.provider, command.reference})) {
    return Verdict::refused(ErrorCode::reference_used);
  }
  if (issued_ + command.stars.whole_part() > kIssuedMax.whole_part()) {
    return Verdict::refused(ErrorCode::balance_limit_reached);
  }
  return Verdict::success();
}

std::string Model::done(const market::TopUp& command,
                        const market::TopUp::Reply& reply,
                        const Caller&) {
  const std::int64_t stars = command.stars.whole_part();
  people_.at(command.account).stars += stars;
  issued_ += stars;
  payments_.emplace(command.provider, command.reference);
  return reply.account == command.account && reply.stars == command.stars
             ? ""
             : "another top-up is answered";
}

Verdict Model::decide(const market::CreateEdition& command, const Caller&) const {
  if (command.stars.whole_part() > settings_.gift_stars_max) {
    return Verdict::refused(ErrorCode::amount_out_of_range);
  }
  if (command.sale_ends_at.is_set() && command.sale_ends_at <= command.sale_opens_at) {
    return Verdict::refused(ErrorCode::window_invalid);
  }
  if (slugs_.contains(command.slug)) return Verdict::refused(ErrorCode::slug_taken);
  return Verdict::success();
}

std::string Model::done(const market::CreateEdition& command,
                        const market::CreateEdition::Reply& reply,
                        const Caller&) {
  Ware ware;
  ware.slug = command.slug;
  ware.price = command.stars.whole_part();
  ware.supply = command.supply;
  ware.cap = command.per_account;
  ware.opens = command.sale_opens_at;
  ware.ends = command.sale_ends_at;
  ware.premium = command.premium_only;
  slugs_.insert(command.slug);
  return wares_.emplace(reply.id, ware).second ? "" : "an id is given twice";
}

Verdict Model::decide(const market::SendGift& command, const Caller& caller) const {
  if (settings_.stargifts_blocked) return Verdict::refused(ErrorCode::forbidden);
  if (command.expires_at.is_set() && at_ >= command.expires_at) {
    return Verdict::refused(ErrorCode::command_expired);
  }
  const Person* const buyer = reachable(command.from, caller);
  const Person* const owner = person(command.to);
  if (buyer == nullptr || owner == nullptr) return Verdict::refused(ErrorCode::account_not_found);
  const auto found = wares_.find(command.edition);
  if (found == wares_.end()) return Verdict::refused(ErrorCode::edition_not_found);
  const Ware& ware = found->second;
  if (ware.supply && owner->kind == ledger::AccountKind::channel) {
    return Verdict::refused(ErrorCode::limited_gift_to_channel);
  }
  if (at_ < ware.opens) return Verdict::refused(ErrorCode::sale_not_open);
  if (ware.ends.is_set() && at_ >= ware.ends) return Verdict::refused(ErrorCode::sale_ended);
  if (ware.premium && !buyer->premium) return Verdict::refused(ErrorCode::premium_required);
  if (ware.supply && ware.sold >= *ware.supply) return Verdict::refused(ErrorCode::sold_out);
  const auto bought = ware.bought.find(command.from);
  if (ware.cap && bought != ware.bought.end() && bought->second >= *ware.cap) {
    return Verdict::refused(ErrorCode::account_limit_reached);
  }
  if (ware.price > command.max_price.whole_part()) {
    return Verdict::refused(ErrorCode::price_increased);
  }
  if (ware.price > buyer->stars - buyer->held)
    return Verdict::refused(ErrorCode::insufficient_funds);
  return Verdict::success();
}

std::string Model::done(const market::SendGift& command,
                        const market::SendGift::Reply& reply,
                        const Caller&) {
  Ware& ware = wares_.at(command.edition);
  Person& buyer = people_.at(command.from);
  buyer.stars -= ware.price;
  house_ += ware.price;
  ++people_.at(command.to).gifts;
  ++ware.sold;
  ++ware.bought[command.from];
  if (!sales_.emplace(reply.gift, Sale{command.edition, command.to, reply.serial}).second) {
    return "an id is given twice";
  }
  if (reply.paid.whole_part() != ware.price) return "the price is wrong";
  if (reply.available.whole_part() != buyer.stars - buyer.held) return "what is left is wrong";
  if (reply.serial != (ware.supply ? ware.sold : 0)) return "the serial number is wrong";
  if (ware.supply && !serials_.emplace(command.edition, reply.serial).second) {
    return "a serial number is given twice";
  }
  return "";
}

Verdict Model::decide(const market::Configure&, const Caller& caller) const {
  return is_operator(caller) ? Verdict::success() : Verdict::refused(ErrorCode::forbidden);
}

std::string Model::done(const market::Configure& command,
                        const market::Configure::Reply&,
                        const Caller&) {
  settings_ = command;
  return "";
}

Verdict Model::decide(const market::CreateKey& command, const Caller& caller) const {
  const Person* const owner = reachable(command.account, caller);
  if (owner == nullptr) return Verdict::refused(ErrorCode::account_not_found);
  const bool app_key = command.kind == ledger::KeyKind::app_key;
  if (app_key && owner->kind != ledger::AccountKind::bot) {
    return Verdict::refused(ErrorCode::invalid_value);
  }
  const bool may = is_operator(caller) || (!app_key && caller.kind == CallerKind::app);
  return may ? Verdict::success() : Verdict::refused(ErrorCode::forbidden);
}

std::string Model::done(const market::CreateKey&, const market::CreateKey::Reply&, const Caller&) {
  return "";
}

Verdict Model::decide(const market::TransferStars& command, const Caller& caller) const {
  if (!settings_.stars_gifts_enabled) return Verdict::refused(ErrorCode::forbidden);
  if (command.from == command.to) return Verdict::refused(ErrorCode::same_account);
  const Person* const payer = reachable(command.from, caller);
  if (payer == nullptr || person(command.to) == nullptr) {
    return Verdict::refused(ErrorCode::account_not_found);
  }
  if (command.stars.whole_part() > payer->stars - payer->held) {
    return Verdict::refused(ErrorCode::insufficient_funds);
  }
  return Verdict::success();
}

std::string Model::done(const market::TransferStars& command,
                        const market::TransferStars::Reply& reply,
                        const Caller&) {
  Person& payer = people_.at(command.from);
  payer.stars -= command.stars.whole_part();
  people_.at(command.to).stars += command.stars.whole_part();
  return reply.available.whole_part() == payer.stars - payer.held ? "" : "what is left is wrong";
}

Verdict Model::decide(const market::PlaceHold& command, const Caller& caller) const {
  if (command.expires_at.is_set() && at_ >= command.expires_at) {
    return Verdict::refused(ErrorCode::command_expired);
  }
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  const Person* const owner = reachable(command.account, caller);
  if (owner == nullptr) return Verdict::refused(ErrorCode::account_not_found);
  if (command.stars.whole_part() > owner->stars - owner->held) {
    return Verdict::refused(ErrorCode::insufficient_funds);
  }
  return Verdict::success();
}

std::string Model::done(const market::PlaceHold& command,
                        const market::PlaceHold::Reply& reply,
                        const Caller&) {
  people_.at(command.account).held += command.stars.whole_part();
  const SetAside hold{command.account, command.stars.whole_part(), reply.expires_at, true};
  return holds_.emplace(reply.hold, hold).second ? "" : "an id is given twice";
}

std::optional<ErrorCode> Model::hold_refused(HoldId id, const Caller& caller) const {
  if (caller.kind == CallerKind::user) return ErrorCode::forbidden;
  const auto hold = holds_.find(id);
  if (hold == holds_.end() || reachable(hold->second.account, caller) == nullptr) {
    return ErrorCode::hold_not_found;
  }
  if (!hold->second.open || at_ >= hold->second.until) return ErrorCode::hold_closed;
  return std::nullopt;
}

void Model::end_hold(SetAside& hold) {
  hold.open = false;
  people_.at(hold.account).held -= hold.stars;
}

Verdict Model::decide(const market::ReleaseHold& command, const Caller& caller) const {
  const auto refused = hold_refused(command.hold, caller);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::ReleaseHold& command,
                        const market::ReleaseHold::Reply& reply,
                        const Caller&) {
  SetAside& hold = holds_.at(command.hold);
  end_hold(hold);
  return reply.released.whole_part() == hold.stars ? "" : "another amount is released";
}

Verdict Model::decide(const market::CaptureHold& command, const Caller& caller) const {
  if (const auto refused = hold_refused(command.hold, caller)) return Verdict::refused(*refused);
  const SetAside& hold = holds_.at(command.hold);
  if (person(command.to) == nullptr) return Verdict::refused(ErrorCode::account_not_found);
  if (command.to == hold.account) return Verdict::refused(ErrorCode::same_account);
  if (command.stars && command.stars->whole_part() > hold.stars) {
    return Verdict::refused(ErrorCode::amount_out_of_range);
  }
  return Verdict::success();
}

std::string Model::done(const market::CaptureHold& command,
                        const market::CaptureHold::Reply& reply,
                        const Caller&) {
  SetAside& hold = holds_.at(command.hold);
  const std::int64_t captured = command.stars ? command.stars->whole_part() : hold.stars;
  end_hold(hold);
  people_.at(hold.account).stars -= captured;
  people_.at(command.to).stars += captured;
  return reply.captured.whole_part() == captured ? "" : "another amount is captured";
}

Verdict Model::decide(const market::RunTimers&, const Caller& caller) const {
  return caller.kind == CallerKind::engine ? Verdict::success()
                                           : Verdict::refused(ErrorCode::forbidden);
}

std::string Model::done(const market::RunTimers& command,
                        const market::RunTimers::Reply& reply,
                        const Caller&) {
  std::vector<std::pair<Instant, HoldId>> due;
  for (const auto& [id, hold] : holds_) {
    if (hold.open && hold.until <= last_time_) due.emplace_back(hold.until, id);
  }
  std::ranges::sort(due);
  const auto limit = static_cast<std::size_t>(command.limit);
  if (reply.more != (due.size() > limit)) return "more is due than is said";
  if (due.size() > limit) due.resize(limit);
  for (const auto& [until, id] : due) end_hold(holds_.at(id));
  return reply.handled == static_cast<std::int64_t>(due.size()) ? "" : "another number was due";
}

}  // namespace stardrop::simulation
