// The rules once more: payments and their reversals, gifts of Stars, holds.
#include <algorithm>

#include "app/simulation/model.h"

namespace stardrop::simulation {

using market::Caller;
using market::CallerKind;

void Model::receive(AccountId id, std::int64_t stars) {
  people_.at(id).stars += stars;
  repay(id);
}

void Model::repay(AccountId id) {
  Person& debtor = people_.at(id);
  const std::int64_t part = std::max<std::int64_t>(std::min(debtor.owed, debtor.available()), 0);
  debtor.owed -= part;
  debtor.stars -= part;
  receivables_ += part;
}

std::int64_t Model::parked(const std::string& provider,
                           const std::string& reference,
                           AccountId account,
                           std::int64_t stars) const {
  const auto known = payments_.find({provider, reference});
  if (known == payments_.end() || known->second.top_up.is_set()) return 0;
  const AccountId by = known->second.parked_by;
  if (by.is_set() && by != people_.at(account).app && by != account) return 0;
  return std::min(known->second.parked, stars);
}

std::optional<ErrorCode> Model::booking_refused(const std::string& provider,
                                                const std::string& reference,
                                                std::int64_t stars) const {
  const auto known = payments_.find({provider, reference});
  if (known != payments_.end() && known->second.top_up.is_set()) return ErrorCode::reference_used;
  // In circulation is what is issued and what somebody owes for.
  if (issued_ - receivables_ + stars > kIssuedMax.whole_part()) {
    return ErrorCode::balance_limit_reached;
  }
  return std::nullopt;
}

void Model::book(const PaymentKey& payment, TopUpId top_up, AccountId account, std::int64_t stars) {
  const std::int64_t back = parked(payment.first, payment.second, account, stars);
  payments_[payment] = Paid{top_up, account, stars, 0, 0, AccountId()};
  top_ups_[top_up] = payment;
  issued_ += stars;
  receive(account, stars);
  if (back > 0) {
    Paid& paid = payments_.at(payment);
    const std::int64_t found = std::clamp<std::int64_t>(people_.at(account).available(), 0, back);
    paid.reversed += back;
    people_.at(account).stars -= found;
    people_.at(account).owed += back - found;
    issued_ -= back;
    receivables_ -= back - found;
  }
}

Verdict Model::decide(const market::TopUp& command, const Caller& caller) const {
  if (settings_.stars_purchase_blocked) return Verdict::refused(ErrorCode::forbidden);
  const std::int64_t stars = command.stars.whole_part();
  if (stars > settings_.top_up_stars_max) return Verdict::refused(ErrorCode::amount_out_of_range);
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  if (const auto refused = own_refused(command.account, caller)) return Verdict::refused(*refused);
  const auto refused = booking_refused(command.provider, command.reference, stars);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::TopUp& command,
                        const market::TopUp::Reply& reply,
                        const Caller&) {
  book({command.provider, command.reference}, reply.id, command.account,
       command.stars.whole_part());
  return reply.account == command.account && reply.stars == command.stars
             ? ""
             : "another top-up is answered";
}

std::optional<ErrorCode> Model::reversal_refused(const Paid& paid,
                                                 std::optional<Stars> stars) const {
  const std::int64_t left = paid.stars - paid.reversed;
  const std::int64_t wanted = stars ? stars->whole_part() : left;
  // The whole of what is reversed already is a request that came twice.
  if (left == 0 && (!stars || wanted == paid.stars)) return std::nullopt;
  return wanted > left ? std::optional(ErrorCode::reversal_exceeds) : std::nullopt;
}

std::string Model::reverse(Paid& paid,
                           std::optional<Stars> stars,
                           Stars reversed,
                           Stars recovered,
                           Stars owed,
                           bool already) {
  const std::int64_t left = paid.stars - paid.reversed;
  if (already != (left == 0)) return "a reversal came before, or did not";
  if (already) return reversed.is_zero() ? "" : "a reversal is repeated";
  Person& payer = people_.at(paid.account);
  const std::int64_t wanted = stars ? stars->whole_part() : left;
  const std::int64_t found = std::clamp<std::int64_t>(payer.available(), 0, wanted);
  paid.reversed += wanted;
  payer.stars -= found;
  payer.owed += wanted - found;
  issued_ -= wanted;
  receivables_ -= wanted - found;
  const bool same = reversed.whole_part() == wanted && recovered.whole_part() == found &&
                    owed.whole_part() == wanted - found;
  return same ? "" : "another amount is taken back";
}

Verdict Model::decide(const market::ReverseTopUp& command, const Caller& caller) const {
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  const auto found = top_ups_.find(command.top_up);
  if (found == top_ups_.end()) return Verdict::refused(ErrorCode::top_up_not_found);
  const Paid& paid = payments_.at(found->second);
  if (reachable(paid.account, caller) == nullptr) {
    return Verdict::refused(ErrorCode::top_up_not_found);
  }
  const auto refused = reversal_refused(paid, command.stars);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::ReverseTopUp& command,
                        const market::ReverseTopUp::Reply& reply,
                        const Caller&) {
  return reverse(payments_.at(top_ups_.at(command.top_up)), command.stars, reply.reversed,
                 reply.recovered, reply.owed, reply.already);
}

Verdict Model::decide(const market::ReportReversal& command, const Caller& caller) const {
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  const auto found = payments_.find({command.provider, command.reference});
  if (found == payments_.end() || !found->second.top_up.is_set()) return Verdict::success();
  if (reachable(found->second.account, caller) == nullptr) {
    return Verdict::refused(ErrorCode::top_up_not_found);
  }
  const auto refused = reversal_refused(found->second, command.stars);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::ReportReversal& command,
                        const market::ReportReversal::Reply& reply,
                        const Caller& caller) {
  const PaymentKey key{command.provider, command.reference};
  const bool new_here = !payments_.contains(key);
  Paid& paid = payments_[key];
  if (reply.parked == paid.top_up.is_set()) return "a payment is known, or is not";
  if (!reply.parked) {
    return reverse(paid, command.stars, reply.reversed, reply.recovered, reply.owed, reply.already);
  }
  // What an app says does not change what the operator has said; the operator's word counts anew.
  const AccountId by = caller.kind == CallerKind::app ? caller.account : AccountId();
  if (!new_here && !paid.parked_by.is_set() && by.is_set()) return "";
  if (paid.parked_by != by) paid.parked = 0;
  paid.parked_by = by;
  const std::int64_t most = kIssuedMax.whole_part();
  const std::int64_t more = command.stars ? command.stars->whole_part() : most;
  paid.parked += std::min(more, most - paid.parked);
  return "";
}

Verdict Model::decide(const market::TransferStars& command, const Caller& caller) const {
  if (!settings_.stars_gifts_enabled) return Verdict::refused(ErrorCode::forbidden);
  if (command.from == command.to) return Verdict::refused(ErrorCode::same_account);
  if (const auto refused = own_refused(command.from, caller)) return Verdict::refused(*refused);
  if (const auto refused = receiver_refused(command.to)) return Verdict::refused(*refused);
  if (command.stars.whole_part() > person(command.from)->available()) {
    return Verdict::refused(ErrorCode::insufficient_funds);
  }
  return Verdict::success();
}

std::string Model::done(const market::TransferStars& command,
                        const market::TransferStars::Reply& reply,
                        const Caller&) {
  const std::int64_t stars = command.stars.whole_part();
  Person& payer = people_.at(command.from);
  payer.stars -= stars;
  receive(command.to, stars);
  given_[reply.transfer] = {command.from, command.to, stars};
  return reply.available.whole_part() == payer.available() ? "" : "what is left is wrong";
}

Verdict Model::decide(const market::RefundTransfer& command, const Caller& caller) const {
  const auto found = given_.find(command.transfer);
  if (found == given_.end() || reachable(found->second.to, caller) == nullptr) {
    return Verdict::refused(ErrorCode::transfer_not_found);
  }
  const Given& given = found->second;
  if (given.refund) return Verdict::refused(ErrorCode::not_refundable);
  if (person(given.from)->erased) return Verdict::refused(ErrorCode::account_erased);
  if (given.refunded) return Verdict::refused(ErrorCode::already_refunded);
  if (given.stars > person(given.to)->available()) {
    return Verdict::refused(ErrorCode::insufficient_funds);
  }
  return Verdict::success();
}

std::string Model::done(const market::RefundTransfer& command,
                        const market::RefundTransfer::Reply& reply,
                        const Caller&) {
  Given& given = given_.at(command.transfer);
  given.refunded = true;
  people_.at(given.to).stars -= given.stars;
  receive(given.from, given.stars);
  const Given back{given.to, given.from, given.stars, true, false};
  if (reply.to != given.from || reply.stars.whole_part() != given.stars) {
    return "something else is given back";
  }
  return given_.emplace(reply.transfer, back).second ? "" : "an id is given twice";
}

Verdict Model::decide(const market::PlaceHold& command, const Caller& caller) const {
  if (command.expires_at.is_set() && at_ >= command.expires_at) {
    return Verdict::refused(ErrorCode::command_expired);
  }
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  if (const auto refused = own_refused(command.account, caller)) return Verdict::refused(*refused);
  if (command.stars.whole_part() > person(command.account)->available()) {
    return Verdict::refused(ErrorCode::insufficient_funds);
  }
  return Verdict::success();
}

std::string Model::done(const market::PlaceHold& command,
                        const market::PlaceHold::Reply& reply,
                        const Caller&) {
  people_.at(command.account).held += command.stars.whole_part();
  const SetAside hold{command.account, command.stars.whole_part(), reply.expires_at, true, ++made_};
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
  repay(hold.account);
  return reply.released.whole_part() == hold.stars ? "" : "another amount is released";
}

Verdict Model::decide(const market::CaptureHold& command, const Caller& caller) const {
  if (const auto refused = hold_refused(command.hold, caller)) return Verdict::refused(*refused);
  const SetAside& hold = holds_.at(command.hold);
  if (const auto refused = receiver_refused(command.to)) return Verdict::refused(*refused);
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
  receive(command.to, captured);
  repay(hold.account);
  given_[reply.transfer] = {hold.account, command.to, captured};
  return reply.captured.whole_part() == captured ? "" : "another amount is captured";
}

}  // namespace stardrop::simulation
