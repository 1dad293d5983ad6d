// The rules once more: editions, sales and their undoing, reservations, waiting lists, timers.
#include <algorithm>

#include "app/simulation/model.h"

namespace stardrop::simulation {

using market::Caller;
using market::CallerKind;

namespace {

Ware ware_of(const market::EditionTerms& terms) {
  Ware ware;
  ware.slug = terms.slug;
  ware.price = terms.stars.whole_part();
  ware.supply = terms.supply;
  ware.cap = terms.per_account;
  ware.opens = terms.sale_opens_at;
  ware.ends = terms.sale_ends_at;
  ware.premium = terms.premium_only;
  return ware;
}

/// `before` with the terms of `after`.
Ware with_terms(Ware before, const Ware& after) {
  before.price = after.price;
  before.supply = after.supply;
  before.cap = after.cap;
  before.opens = after.opens;
  before.ends = after.ends;
  before.premium = after.premium;
  return before;
}

bool same_terms(const Ware& a, const Ware& b) {
  return a.price == b.price && a.supply == b.supply && a.cap == b.cap && a.opens == b.opens &&
         a.ends == b.ends && a.premium == b.premium;
}

Ware updated(Ware ware, const market::UpdateEdition& command) {
  if (command.stars) ware.price = command.stars->whole_part();
  if (command.supply) ware.supply = *command.supply;
  if (command.per_account) ware.cap = *command.per_account;
  if (command.premium_only) ware.premium = *command.premium_only;
  return ware;
}

}  // namespace

bool Ware::has_waiting(AccountId who) const {
  return std::ranges::any_of(line, [who](const auto& place) { return place.second == who; });
}

std::optional<ErrorCode> Model::terms_refused(const market::EditionTerms& terms) const {
  if (terms.stars.whole_part() > settings_.gift_stars_max) return ErrorCode::amount_out_of_range;
  if (terms.sale_ends_at.is_set() && terms.sale_ends_at <= terms.sale_opens_at) {
    return ErrorCode::window_invalid;
  }
  return std::nullopt;
}

std::optional<ErrorCode> Model::change_refused(const Ware& before, const Ware& after) const {
  if (before.cap && !after.cap) return ErrorCode::invalid_value;
  const bool begun = before.sold > 0 || before.reserved > 0;
  if (!before.cap && after.cap && begun) return ErrorCode::invalid_value;
  if (before.supply == after.supply) return std::nullopt;
  if (!before.supply || !after.supply) return ErrorCode::amount_out_of_range;
  const std::int64_t least = std::max(before.sold + before.reserved, before.serials_used);
  const bool fewer = *after.supply >= least && *after.supply < *before.supply;
  return fewer ? std::nullopt : std::optional(ErrorCode::amount_out_of_range);
}

const Ware* Model::ware_called(const std::string& slug) const {
  const auto named = slugs_.find(slug);
  if (named != slugs_.end()) return &wares_.at(named->second);
  const auto found = imported_.find(slug);
  return found != imported_.end() ? &found->second : nullptr;
}

Verdict Model::decide(const market::CreateEdition& command, const Caller& caller) const {
  if (const auto refused = terms_refused(command)) return Verdict::refused(*refused);
  if (!caller.is_operator()) return Verdict::refused(ErrorCode::forbidden);
  if (ware_called(command.slug) != nullptr) return Verdict::refused(ErrorCode::slug_taken);
  return Verdict::success();
}

std::string Model::done(const market::CreateEdition& command,
                        const market::CreateEdition::Reply& reply,
                        const Caller&) {
  slugs_[command.slug] = reply.id;
  return wares_.emplace(reply.id, ware_of(command)).second ? "" : "an id is given twice";
}

Verdict Model::decide(const market::UpdateEdition& command, const Caller& caller) const {
  if (!caller.is_operator()) return Verdict::refused(ErrorCode::forbidden);
  const auto found = wares_.find(command.edition);
  if (found == wares_.end()) return Verdict::refused(ErrorCode::edition_not_found);
  const Ware after = updated(found->second, command);
  if (after.price > settings_.gift_stars_max) {
    return Verdict::refused(ErrorCode::amount_out_of_range);
  }
  const auto refused = change_refused(found->second, after);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::UpdateEdition& command,
                        const market::UpdateEdition::Reply& reply,
                        const Caller&) {
  Ware& ware = wares_.at(command.edition);
  const Ware before = std::exchange(ware, updated(ware, command));
  return reply.changed == !same_terms(before, ware) ? "" : "terms have changed, or have not";
}

Verdict Model::decide(const market::ImportCatalog& command, const Caller& caller) const {
  std::set<std::string> slugs;
  for (const market::EditionTerms& terms : command.editions) {
    if (const auto refused = terms_refused(terms)) return Verdict::refused(*refused);
    if (!slugs.insert(terms.slug).second) return Verdict::refused(ErrorCode::slug_taken);
  }
  if (!caller.is_operator()) return Verdict::refused(ErrorCode::forbidden);
  for (const market::EditionTerms& terms : command.editions) {
    const Ware* const before = ware_called(terms.slug);
    if (before == nullptr) continue;
    const Ware after = with_terms(*before, ware_of(terms));
    if (same_terms(*before, after)) continue;
    if (const auto refused = change_refused(*before, after)) return Verdict::refused(*refused);
  }
  return Verdict::success();
}

std::string Model::done(const market::ImportCatalog& command,
                        const market::ImportCatalog::Reply& reply,
                        const Caller&) {
  market::ImportCatalog::Reply expected;
  for (const market::EditionTerms& terms : command.editions) {
    const auto named = slugs_.find(terms.slug);
    if (named == slugs_.end() && !imported_.contains(terms.slug)) {
      imported_.emplace(terms.slug, ware_of(terms));
      ++expected.created;
      continue;
    }
    Ware& ware = named != slugs_.end() ? wares_.at(named->second) : imported_.at(terms.slug);
    const Ware before = std::exchange(ware, with_terms(ware, ware_of(terms)));
    ++(same_terms(before, ware) ? expected.unchanged : expected.updated);
  }
  const bool same = reply.created == expected.created && reply.updated == expected.updated &&
                    reply.unchanged == expected.unchanged;
  return same ? "" : "a catalogue counts otherwise";
}

std::optional<ErrorCode> Model::entry_refused(const Ware& ware, const Person& buyer) const {
  if (at_ < ware.opens) return ErrorCode::sale_not_open;
  if (ware.ends.is_set() && at_ >= ware.ends) return ErrorCode::sale_ended;
  if (ware.premium && !buyer.premium) return ErrorCode::premium_required;
  return std::nullopt;
}

bool Model::at_cap(const Ware& ware, AccountId account) const {
  const auto taken = ware.taken.find(account);
  return ware.cap && taken != ware.taken.end() && taken->second >= *ware.cap;
}

Verdict Model::decide(const market::SendGift& command, const Caller& caller) const {
  if (settings_.stargifts_blocked) return Verdict::refused(ErrorCode::forbidden);
  if (command.expires_at.is_set() && at_ >= command.expires_at) {
    return Verdict::refused(ErrorCode::command_expired);
  }
  if (const auto refused = own_refused(command.from, caller)) return Verdict::refused(*refused);
  if (const auto refused = receiver_refused(command.to)) return Verdict::refused(*refused);
  const auto found = wares_.find(command.edition);
  if (found == wares_.end()) return Verdict::refused(ErrorCode::edition_not_found);
  const Ware& ware = found->second;
  if (ware.supply && person(command.to)->kind == ledger::AccountKind::channel) {
    return Verdict::refused(ErrorCode::limited_gift_to_channel);
  }
  const Person& buyer = *person(command.from);
  if (const auto refused = entry_refused(ware, buyer)) return Verdict::refused(*refused);
  if (ware.sold_out()) return Verdict::refused(ErrorCode::sold_out);
  if (at_cap(ware, command.from)) return Verdict::refused(ErrorCode::account_limit_reached);
  if (ware.price > command.max_price.whole_part()) {
    return Verdict::refused(ErrorCode::price_increased);
  }
  if (ware.price > buyer.available()) return Verdict::refused(ErrorCode::insufficient_funds);
  return Verdict::success();
}

std::string Model::sell(GiftId id, const Sale& sale, bool was_kept) {
  Ware& ware = wares_.at(sale.edition);
  people_.at(sale.from).stars -= sale.paid;
  house_ += sale.paid;
  ++people_.at(sale.owner).gifts;
  ++ware.sold;
  if (was_kept) {
    --ware.reserved;
  } else {
    ++ware.taken[sale.from];
  }
  if (!sales_.emplace(id, sale).second) return "an id is given twice";
  if (sale.paid != ware.price) return "the price is wrong";
  if (!ware.supply) return sale.serial == 0 ? "" : "an unlimited gift has a number";
  // Numbers of refunded gifts are sold again, the lowest first.
  std::int64_t serial = 0;
  if (ware.sliced) {
    if (sale.serial < 1 || sale.serial > *ware.supply) return "a serial number is out of range";
    serial = sale.serial;
    ware.serials_free.erase(serial);
  } else if (ware.serials_free.empty()) {
    serial = ++ware.serials_used;
  } else {
    serial = *ware.serials_free.begin();
    ware.serials_free.erase(ware.serials_free.begin());
  }
  if (sale.serial != serial) return "the serial number is wrong";
  return serials_.emplace(sale.edition, serial).second ? "" : "a serial number is given twice";
}

std::string Model::done(const market::SendGift& command,
                        const market::SendGift::Reply& reply,
                        const Caller&) {
  const Sale sale{command.edition, command.to, command.from, reply.serial, reply.paid.whole_part()};
  const std::string wrong = sell(reply.gift, sale, false);
  if (!wrong.empty()) return wrong;
  return reply.available.whole_part() == people_.at(command.from).available()
             ? ""
             : "what is left is wrong";
}

Verdict Model::decide(const market::RefundGift& command, const Caller& caller) const {
  if (!caller.is_operator()) return Verdict::refused(ErrorCode::forbidden);
  const auto found = sales_.find(command.gift);
  if (found == sales_.end()) return Verdict::refused(ErrorCode::gift_not_found);
  if (found->second.refunded) return Verdict::refused(ErrorCode::already_refunded);
  if (person(found->second.from)->erased) return Verdict::refused(ErrorCode::account_erased);
  return Verdict::success();
}

std::string Model::done(const market::RefundGift& command,
                        const market::RefundGift::Reply& reply,
                        const Caller&) {
  Sale& sale = sales_.at(command.gift);
  sale.refunded = true;
  house_ -= sale.paid;
  receive(sale.from, sale.paid);
  Ware& ware = wares_.at(sale.edition);
  const bool was_sold_out = ware.sold_out();
  const bool somebody_waits = !ware.line.empty();
  --ware.sold;
  --ware.taken.at(sale.from);
  if (ware.supply) {
    ware.serials_free.insert(sale.serial);
    serials_.erase({sale.edition, sale.serial});
  }
  pass_on(ware, sale.edition, was_sold_out);
  if (reply.to != sale.from || reply.stars.whole_part() != sale.paid) {
    return "something else is given back";
  }
  return reply.passed_on == (was_sold_out && somebody_waits) ? "" : "stock went elsewhere";
}

void Model::keep(EditionId edition, AccountId account, ReservationId id, Instant until) {
  Ware& ware = wares_.at(edition);
  ++ware.reserved;
  ++ware.taken[account];
  const Kept kept{edition, account, until, true, ++made_};
  if (id.is_set()) {
    kept_.emplace(id, kept);
  } else {
    kept_for_line_.push_back(kept);
  }
}

void Model::pass_on(Ware& ware, EditionId edition, bool was_sold_out) {
  if (!was_sold_out || ware.line.empty()) return;
  const AccountId next = ware.line.begin()->second;
  ware.line.erase(ware.line.begin());
  keep(edition, next, ReservationId(),
       last_time_.plus(Duration::seconds(settings_.waitlist_claim_s)));
}

void Model::give_back(Kept& kept) {
  kept.open = false;
  const EditionId edition = kept.edition;
  Ware& ware = wares_.at(edition);
  const bool was_sold_out = ware.sold_out();
  --ware.reserved;
  --ware.taken.at(kept.account);
  pass_on(ware, edition, was_sold_out);
}

Verdict Model::decide(const market::ReserveGift& command, const Caller& caller) const {
  if (settings_.stargifts_blocked) return Verdict::refused(ErrorCode::forbidden);
  if (command.seconds && *command.seconds > settings_.reservation_max_s) {
    return Verdict::refused(ErrorCode::amount_out_of_range);
  }
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  if (const auto refused = own_refused(command.account, caller)) return Verdict::refused(*refused);
  const auto found = wares_.find(command.edition);
  if (found == wares_.end()) return Verdict::refused(ErrorCode::edition_not_found);
  const Ware& ware = found->second;
  if (const auto refused = entry_refused(ware, *person(command.account))) {
    return Verdict::refused(*refused);
  }
  if (ware.sold_out()) return Verdict::refused(ErrorCode::sold_out);
  if (at_cap(ware, command.account)) return Verdict::refused(ErrorCode::account_limit_reached);
  return Verdict::success();
}

std::string Model::done(const market::ReserveGift& command,
                        const market::ReserveGift::Reply& reply,
                        const Caller&) {
  const std::int64_t seconds = command.seconds.value_or(settings_.reservation_s);
  if (reply.expires_at != last_time_.plus(Duration::seconds(seconds))) {
    return "a reservation lasts otherwise";
  }
  if (kept_.contains(reply.reservation)) return "an id is given twice";
  keep(command.edition, command.account, reply.reservation, reply.expires_at);
  return "";
}

std::optional<ErrorCode> Model::kept_refused(ReservationId id, const Caller& caller) const {
  const auto found = kept_.find(id);
  if (found == kept_.end() || reachable(found->second.account, caller) == nullptr) {
    return ErrorCode::reservation_not_found;
  }
  const bool over = !found->second.open || at_ >= found->second.until;
  return over ? std::optional(ErrorCode::reservation_closed) : std::nullopt;
}

Verdict Model::decide(const market::UseReservation& command, const Caller& caller) const {
  if (settings_.stargifts_blocked) return Verdict::refused(ErrorCode::forbidden);
  const auto found = kept_.find(command.reservation);
  if (found == kept_.end() || found->second.account != command.from ||
      reachable(command.from, caller) == nullptr) {
    return Verdict::refused(ErrorCode::reservation_not_found);
  }
  if (const auto refused = own_refused(command.from, caller)) return Verdict::refused(*refused);
  if (const auto refused = kept_refused(command.reservation, caller)) {
    return Verdict::refused(*refused);
  }
  if (const auto refused = receiver_refused(command.to)) return Verdict::refused(*refused);
  const Ware& ware = wares_.at(found->second.edition);
  if (ware.supply && person(command.to)->kind == ledger::AccountKind::channel) {
    return Verdict::refused(ErrorCode::limited_gift_to_channel);
  }
  const Person& buyer = *person(command.from);
  if (ware.premium && !buyer.premium) return Verdict::refused(ErrorCode::premium_required);
  if (ware.price > command.max_price.whole_part()) {
    return Verdict::refused(ErrorCode::price_increased);
  }
  if (command.provider.empty()) {
    return ware.price > buyer.available() ? Verdict::refused(ErrorCode::insufficient_funds)
                                          : Verdict::success();
  }
  if (caller.kind == CallerKind::user) return Verdict::refused(ErrorCode::forbidden);
  if (settings_.stars_purchase_blocked) return Verdict::refused(ErrorCode::forbidden);
  if (buyer.owed > 0) return Verdict::refused(ErrorCode::account_in_debt);
  if (parked(command.provider, command.reference, command.from, ware.price) > 0) {
    return Verdict::refused(ErrorCode::already_reversed);
  }
  const auto refused = booking_refused(command.provider, command.reference, ware.price);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::UseReservation& command,
                        const market::UseReservation::Reply& reply,
                        const Caller&) {
  Kept& kept = kept_.at(command.reservation);
  if (reply.edition != kept.edition) return "another edition is sold";
  const std::int64_t price = wares_.at(kept.edition).price;
  if (reply.top_up.is_set() == command.provider.empty()) return "a payment is booked, or is not";
  if (reply.top_up.is_set()) {
    book({command.provider, command.reference}, reply.top_up, command.from, price);
  }
  kept.open = false;
  const Sale sale{kept.edition, command.to, command.from, reply.serial, reply.paid.whole_part()};
  const std::string wrong = sell(reply.gift, sale, true);
  if (!wrong.empty()) return wrong;
  return reply.available.whole_part() == people_.at(command.from).available()
             ? ""
             : "what is left is wrong";
}

Verdict Model::decide(const market::ReleaseReservation& command, const Caller& caller) const {
  const auto refused = kept_refused(command.reservation, caller);
  return refused ? Verdict::refused(*refused) : Verdict::success();
}

std::string Model::done(const market::ReleaseReservation& command,
                        const market::ReleaseReservation::Reply&,
                        const Caller&) {
  give_back(kept_.at(command.reservation));
  return "";
}

Verdict Model::decide(const market::JoinWaitlist& command, const Caller& caller) const {
  if (const auto refused = own_refused(command.account, caller)) return Verdict::refused(*refused);
  const auto found = wares_.find(command.edition);
  if (found == wares_.end()) return Verdict::refused(ErrorCode::edition_not_found);
  const Ware& ware = found->second;
  if (const auto refused = entry_refused(ware, *person(command.account))) {
    return Verdict::refused(*refused);
  }
  if (!ware.sold_out()) return Verdict::refused(ErrorCode::still_on_sale);
  if (at_cap(ware, command.account)) return Verdict::refused(ErrorCode::account_limit_reached);
  if (ware.has_waiting(command.account)) return Verdict::refused(ErrorCode::already_waiting);
  const auto waiting = static_cast<std::int64_t>(ware.line.size());
  return waiting >= settings_.waitlist_max ? Verdict::refused(ErrorCode::waitlist_full)
                                           : Verdict::success();
}

std::string Model::done(const market::JoinWaitlist& command,
                        const market::JoinWaitlist::Reply& reply,
                        const Caller&) {
  Ware& ware = wares_.at(command.edition);
  ware.line[++ware.line_last] = command.account;
  if (reply.position != ware.line_last) return "the place in line is wrong";
  return reply.rank == static_cast<std::int64_t>(ware.line.size()) ? "" : "the rank is wrong";
}

Verdict Model::decide(const market::LeaveWaitlist& command, const Caller& caller) const {
  if (const auto refused = own_refused(command.account, caller)) return Verdict::refused(*refused);
  const auto found = wares_.find(command.edition);
  if (found == wares_.end() || !found->second.has_waiting(command.account)) {
    return Verdict::refused(ErrorCode::waitlist_entry_not_found);
  }
  return Verdict::success();
}

std::string Model::done(const market::LeaveWaitlist& command,
                        const market::LeaveWaitlist::Reply&,
                        const Caller&) {
  std::erase_if(wares_.at(command.edition).line,
                [&](const auto& place) { return place.second == command.account; });
  return "";
}

Verdict Model::decide(const market::RunTimers&, const Caller& caller) const {
  return caller.kind == CallerKind::engine ? Verdict::success()
                                           : Verdict::refused(ErrorCode::forbidden);
}

std::string Model::done(const market::RunTimers& command,
                        const market::RunTimers::Reply& reply,
                        const Caller&) {
  struct Due {
    Instant until;
    std::uint64_t made;
    SetAside* hold;
    Kept* kept;
  };
  std::vector<Due> due;
  for (auto& [id, hold] : holds_) {
    if (hold.open && hold.until <= last_time_) due.push_back({hold.until, hold.made, &hold, {}});
  }
  for (auto& [id, kept] : kept_) {
    if (kept.open && kept.until <= last_time_) due.push_back({kept.until, kept.made, {}, &kept});
  }
  for (Kept& kept : kept_for_line_) {
    if (kept.open && kept.until <= last_time_) due.push_back({kept.until, kept.made, {}, &kept});
  }
  std::ranges::sort(due, {}, [](const Due& each) { return std::pair(each.until, each.made); });
  const auto limit = static_cast<std::size_t>(command.limit);
  if (reply.more != (due.size() > limit)) return "more is due than is said";
  if (due.size() > limit) due.resize(limit);
  for (const Due& each : due) {
    if (each.hold != nullptr) {
      end_hold(*each.hold);
      repay(each.hold->account);
    } else {
      give_back(*each.kept);
    }
  }
  return reply.handled == static_cast<std::int64_t>(due.size()) ? "" : "another number was due";
}

}  // namespace stardrop::simulation
