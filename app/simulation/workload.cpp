// Generators, one for each command, with their weights.
#include "app/simulation/workload.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "base/binary.h"
#include "base/hash.h"

namespace stardrop::simulation {

using market::Caller;
using market::CallerKind;

namespace {

std::uint64_t fingerprint_of(const market::AnyCommand& command) {
  return std::visit([](const auto& each) { return leading64(sha256(to_binary(each))); }, command);
}

/// Requests that may be sent again are kept, up to this many.
constexpr std::size_t kPastMax = 500;

}  // namespace

const std::vector<Workload::Entry>& Workload::entries() {
  static const std::vector<Entry> all{
      {"create_account", 6, &Workload::create_account},
      {"top_up", 12, &Workload::top_up},
      {"create_edition", 3, &Workload::create_edition},
      {"send_gift", 76, &Workload::send_gift},
      {"configure", 1, &Workload::configure},
      {"create_key", 4, &Workload::create_key},
      {"transfer_stars", 10, &Workload::transfer_stars},
      {"place_hold", 12, &Workload::place_hold},
      {"release_hold", 4, &Workload::release_hold},
      {"capture_hold", 6, &Workload::capture_hold},
      {"run_timers", 4, &Workload::run_timers},
      {"update_account", 3, &Workload::update_account},
      {"erase_account", 1, &Workload::erase_account},
      {"revoke_key", 2, &Workload::revoke_key},
      {"reverse_top_up", 4, &Workload::reverse_top_up},
      {"report_reversal", 4, &Workload::report_reversal},
      {"refund_transfer", 5, &Workload::refund_transfer},
      {"update_edition", 3, &Workload::update_edition},
      {"import_catalog", 2, &Workload::import_catalog},
      {"refund_gift", 6, &Workload::refund_gift},
      {"reserve_gift", 14, &Workload::reserve_gift},
      {"use_reservation", 9, &Workload::use_reservation},
      {"release_reservation", 3, &Workload::release_reservation},
      {"join_waitlist", 12, &Workload::join_waitlist},
      {"leave_waitlist", 5, &Workload::leave_waitlist},
      {"lease_stock", 6, &Workload::lease_stock},
      {"settle_stock", 3, &Workload::settle_stock},
  };
  return all;
}

std::vector<std::string_view> Workload::commands() {
  std::vector<std::string_view> out;
  for (const Entry& entry : entries()) out.push_back(entry.command);
  return out;
}

template <class Things>
typename Things::key_type Workload::one_of(const Things& things) {
  // One in fifty is asked for something that isn't there.
  if (things.empty() || once_in(50)) return typename Things::key_type(1'000 + made_++);
  auto at = things.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(below(things.size())));
  return at->first;
}

template <class Things>
typename Things::key_type Workload::newer_of(const Things& things) {
  if (things.empty() || once_in(10)) return one_of(things);
  auto at = things.rbegin();
  std::advance(at, static_cast<std::ptrdiff_t>(below(std::min<std::size_t>(things.size(), 20))));
  return at->first;
}

AccountId Workload::somebody(const Model& model) { return one_of(model.people()); }

EditionId Workload::something(const Model& model) {
  // The newest is what everybody wants.
  if (!model.wares().empty() && !once_in(3)) return model.wares().rbegin()->first;
  return one_of(model.wares());
}

Caller Workload::user_or_app(const Model& model, AccountId account) {
  const auto found = model.people().find(account);
  switch (below(8)) {
    case 0: return {CallerKind::operator_, {}};
    case 1:
      if (found != model.people().end() && found->second.app.is_set()) {
        return {CallerKind::app, found->second.app};
      }
      return {CallerKind::app, somebody(model)};
    case 2: return {CallerKind::user, somebody(model)};
    default: return {CallerKind::user, account};
  }
}

engine::Request Workload::next(const Model& model, Instant clock) {
  if (!past_.empty() && once_in(8)) {
    engine::Request again = past_[below(past_.size())];
    // Now and then somebody uses a key for something else.
    if (once_in(10)) again.fingerprint ^= 1U;
    return again;
  }
  std::uint64_t total = 0;
  for (const Entry& entry : entries()) total += entry.weight;
  std::uint64_t point = below(total);
  const Entry* chosen = entries().data();
  // An economy begins with people who have something.
  if (model.people().size() < 12) point = below(chosen[0].weight + chosen[1].weight);
  while (point >= chosen->weight) point -= (chosen++)->weight;

  engine::Request out;
  out.caller = {CallerKind::operator_, {}};
  out.command = (this->*chosen->make)(model, clock, out.caller);
  out.fingerprint = fingerprint_of(out.command);
  if (!once_in(10)) out.idempotency_key = "k" + std::to_string(made_++);
  if (!out.idempotency_key.empty()) {
    if (past_.size() < kPastMax) {
      past_.push_back(out);
    } else {
      past_[below(kPastMax)] = out;
    }
  }
  return out;
}

market::AnyCommand Workload::create_account(const Model& model, Instant, Caller& caller) {
  market::CreateAccount command;
  constexpr ledger::AccountKind kKinds[] = {
      ledger::AccountKind::user, ledger::AccountKind::user,    ledger::AccountKind::user,
      ledger::AccountKind::bot,  ledger::AccountKind::channel, ledger::AccountKind::house};
  command.kind = kKinds[below(std::size(kKinds))];
  command.premium = once_in(4);
  if (once_in(3)) command.name = "Person " + std::to_string(made_++);
  if (once_in(3)) caller = {CallerKind::app, somebody(model)};
  return command;
}

market::AnyCommand Workload::top_up(const Model& model, Instant clock, Caller& caller) {
  market::TopUp command;
  command.account = somebody(model);
  command.stars =
      Stars::whole(once_in(100) ? 1'000'000'000'000 : static_cast<std::int64_t>(1 + below(500)));
  command.provider = once_in(2) ? "app_store" : "fragment";
  command.reference =
      "r" + std::to_string(once_in(20) ? static_cast<std::int64_t>(below(100)) : made_++);
  if (once_in(6)) {
    command.reversible_until =
        clock.plus(Duration::seconds(static_cast<std::int64_t>(below(6000)) - 1000));
  }
  if (once_in(4)) caller = user_or_app(model, command.account);
  return command;
}

market::AnyCommand Workload::create_edition(const Model&, Instant clock, Caller&) {
  market::CreateEdition command;
  command.title = "Edition";
  command.slug =
      "edition-" + std::to_string(once_in(10) ? static_cast<std::int64_t>(below(20)) : made_++);
  command.stars =
      Stars::whole(once_in(20) ? 200'000'000 : static_cast<std::int64_t>(1 + below(40)));
  if (!once_in(4)) command.supply = static_cast<std::int64_t>(1 + below(60));
  if (once_in(3)) command.per_account = static_cast<std::int64_t>(1 + below(3));
  if (once_in(4)) {
    command.sale_opens_at = clock.plus(Duration::seconds(static_cast<std::int64_t>(below(4000))));
  }
  if (once_in(4)) {
    command.sale_ends_at = clock.plus(Duration::seconds(static_cast<std::int64_t>(below(20'000))));
  }
  command.premium_only = once_in(8);
  return command;
}

market::AnyCommand Workload::send_gift(const Model& model, Instant clock, Caller& caller) {
  market::SendGift command;
  command.edition = something(model);
  command.from = somebody(model);
  command.to = once_in(3) ? command.from : somebody(model);
  command.max_price = Stars::whole(once_in(10) ? static_cast<std::int64_t>(1 + below(40)) : 1000);
  if (once_in(6)) command.text = "For you";
  command.hide_name = once_in(4);
  if (once_in(15)) {
    command.expires_at =
        clock.plus(Duration::seconds(static_cast<std::int64_t>(below(2000)) - 1000));
  }
  caller = user_or_app(model, command.from);
  return command;
}

market::AnyCommand Workload::configure(const Model& model, Instant, Caller& caller) {
  market::Configure command;
  command.stargifts_blocked = once_in(6);
  command.stars_purchase_blocked = once_in(6);
  command.top_up_stars_max = once_in(3) ? 100 : 1'000'000'000'000;
  command.stars_gifts_enabled = !once_in(6);
  command.reservation_s = once_in(2) ? 600 : 60;
  command.waitlist_claim_s = once_in(2) ? 900 : 30;
  command.waitlist_max = once_in(3) ? 2 : 1'000'000;
  if (once_in(4)) caller = {CallerKind::user, somebody(model)};
  return command;
}

market::AnyCommand Workload::create_key(const Model& model, Instant, Caller& caller) {
  market::CreateKey command;
  command.kind = once_in(3) ? ledger::KeyKind::app_key : ledger::KeyKind::user_token;
  command.account = somebody(model);
  caller = user_or_app(model, command.account);
  return command;
}

market::AnyCommand Workload::transfer_stars(const Model& model, Instant, Caller& caller) {
  market::TransferStars command;
  command.from = somebody(model);
  command.to = somebody(model);
  command.stars = Stars::whole(static_cast<std::int64_t>(1 + below(200)));
  caller = user_or_app(model, command.from);
  return command;
}

market::AnyCommand Workload::place_hold(const Model& model, Instant clock, Caller& caller) {
  market::PlaceHold command;
  command.account = somebody(model);
  command.stars = Stars::whole(static_cast<std::int64_t>(1 + below(100)));
  if (once_in(2)) {
    command.expires_at =
        clock.plus(Duration::seconds(static_cast<std::int64_t>(below(3000)) - 200));
  }
  if (once_in(3)) caller = user_or_app(model, command.account);
  return command;
}

market::AnyCommand Workload::release_hold(const Model& model, Instant, Caller& caller) {
  market::ReleaseHold command;
  command.hold = newer_of(model.holds());
  if (once_in(4)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::capture_hold(const Model& model, Instant, Caller& caller) {
  market::CaptureHold command;
  command.hold = newer_of(model.holds());
  command.to = somebody(model);
  if (once_in(2)) command.stars = Stars::whole(static_cast<std::int64_t>(1 + below(60)));
  if (once_in(4)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::lease_stock(const Model& model, Instant, Caller& caller) {
  market::LeaseStock command;
  command.edition = something(model);
  // Lane 0 is the one that sells; what others have must be called in.
  command.lane = static_cast<std::int64_t>(below(3));
  command.least = static_cast<std::int64_t>(1 + below(3));
  command.nodes = static_cast<std::int64_t>(1 + below(3));
  caller = {CallerKind::engine, {}};
  if (once_in(10)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::settle_stock(const Model& model, Instant, Caller& caller) {
  market::SettleStock command;
  command.edition = something(model);
  if (once_in(2)) command.lane = static_cast<std::int64_t>(below(3));
  command.whole = once_in(2);
  caller = {CallerKind::engine, {}};
  if (once_in(10)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::run_timers(const Model& model, Instant, Caller& caller) {
  market::RunTimers command;
  command.limit = once_in(2) ? 1000 : static_cast<std::int64_t>(1 + below(3));
  caller = {CallerKind::engine, {}};
  if (once_in(10)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::update_account(const Model& model, Instant, Caller& caller) {
  market::UpdateAccount command;
  command.account = somebody(model);
  if (once_in(2)) command.premium = once_in(2);
  if (once_in(2)) command.name = once_in(4) ? std::string() : "Person " + std::to_string(made_++);
  caller = user_or_app(model, command.account);
  return command;
}

market::AnyCommand Workload::erase_account(const Model& model, Instant, Caller& caller) {
  market::EraseAccount command;
  command.account = somebody(model);
  caller = user_or_app(model, command.account);
  return command;
}

market::AnyCommand Workload::revoke_key(const Model& model, Instant, Caller& caller) {
  market::RevokeKey command;
  command.key = newer_of(model.access_keys());
  if (once_in(2)) caller = user_or_app(model, somebody(model));
  return command;
}

void Workload::name_payment(const Model& model, std::string& provider, std::string& reference) {
  provider = once_in(2) ? "app_store" : "fragment";
  if (!model.top_ups().empty() && !once_in(3)) {
    auto at = model.top_ups().begin();
    std::advance(at, static_cast<std::ptrdiff_t>(below(model.top_ups().size())));
    std::tie(provider, reference) = at->second;
    return;
  }
  // Numbers that top-ups will come to.
  reference = "r" + std::to_string(made_ + static_cast<std::int64_t>(below(60)));
}

market::AnyCommand Workload::reverse_top_up(const Model& model, Instant, Caller& caller) {
  market::ReverseTopUp command;
  command.top_up = one_of(model.top_ups());
  if (once_in(2)) command.stars = Stars::whole(static_cast<std::int64_t>(1 + below(300)));
  if (once_in(5)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::report_reversal(const Model& model, Instant, Caller& caller) {
  market::ReportReversal command;
  name_payment(model, command.provider, command.reference);
  if (once_in(2)) command.stars = Stars::whole(static_cast<std::int64_t>(1 + below(300)));
  if (once_in(3)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::refund_transfer(const Model& model, Instant, Caller& caller) {
  market::RefundTransfer command;
  command.transfer = newer_of(model.given());
  const auto found = model.given().find(command.transfer);
  caller = user_or_app(model, found != model.given().end() ? found->second.to : somebody(model));
  return command;
}

market::AnyCommand Workload::update_edition(const Model& model, Instant, Caller& caller) {
  market::UpdateEdition command;
  command.edition = something(model);
  if (once_in(2)) command.stars = Stars::whole(static_cast<std::int64_t>(1 + below(40)));
  const auto known = model.wares().find(command.edition);
  const bool sliced = known != model.wares().end() && known->second.sliced;
  // How far down the supply can go depends on which numbers came back.
  if (once_in(3) && !sliced) command.supply = static_cast<std::int64_t>(1 + below(60));
  if (once_in(3)) command.per_account = static_cast<std::int64_t>(1 + below(4));
  if (once_in(6)) command.premium_only = once_in(2);
  if (once_in(10)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::import_catalog(const Model& model, Instant clock, Caller& caller) {
  market::ImportCatalog command;
  const std::uint64_t count = 1 + below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    Caller nobody;
    auto terms = std::get<market::CreateEdition>(create_edition(model, clock, nobody));
    if (once_in(2)) terms.slug = "imported-" + std::to_string(below(8));
    const auto known = model.wares().find(something(model));
    if (known != model.wares().end() && once_in(2)) {
      // As it was published, but perhaps for the price.
      const Ware& ware = known->second;
      terms.slug = ware.slug;
      terms.supply = ware.supply;
      terms.per_account = ware.cap;
      terms.sale_opens_at = ware.opens;
      terms.sale_ends_at = ware.ends;
      terms.premium_only = ware.premium;
      if (once_in(2)) terms.stars = Stars::whole(ware.price);
    }
    command.editions.push_back(terms);
  }
  if (once_in(10)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::refund_gift(const Model& model, Instant, Caller& caller) {
  market::RefundGift command;
  command.gift = newer_of(model.sales());
  if (once_in(8)) caller = user_or_app(model, somebody(model));
  return command;
}

market::AnyCommand Workload::reserve_gift(const Model& model, Instant, Caller& caller) {
  market::ReserveGift command;
  command.edition = something(model);
  command.account = somebody(model);
  if (once_in(2)) command.seconds = static_cast<std::int64_t>(1 + below(once_in(8) ? 5000 : 900));
  if (once_in(3)) caller = user_or_app(model, command.account);
  return command;
}

market::AnyCommand Workload::use_reservation(const Model& model, Instant, Caller& caller) {
  market::UseReservation command;
  command.reservation = newer_of(model.kept());
  const auto kept = model.kept().find(command.reservation);
  command.from = kept != model.kept().end() && !once_in(8) ? kept->second.account : somebody(model);
  command.to = once_in(2) ? command.from : somebody(model);
  command.max_price = Stars::whole(once_in(10) ? static_cast<std::int64_t>(1 + below(40)) : 1000);
  if (once_in(2)) {
    command.provider = once_in(2) ? "app_store" : "fragment";
    command.reference =
        "r" +
        std::to_string(once_in(5) && made_ > 0 ? static_cast<std::int64_t>(below(100)) : made_++);
  }
  if (once_in(6)) command.text = "For you";
  if (once_in(2)) caller = user_or_app(model, command.from);
  return command;
}

market::AnyCommand Workload::release_reservation(const Model& model, Instant, Caller& caller) {
  market::ReleaseReservation command;
  command.reservation = newer_of(model.kept());
  const auto kept = model.kept().find(command.reservation);
  const AccountId whose = kept != model.kept().end() ? kept->second.account : somebody(model);
  if (once_in(2)) caller = user_or_app(model, whose);
  return command;
}

market::AnyCommand Workload::join_waitlist(const Model& model, Instant, Caller& caller) {
  market::JoinWaitlist command;
  command.edition = something(model);
  // Somebody who is late, if anything is sold out.
  for (const auto& [id, ware] : model.wares()) {
    if (ware.sold_out() && once_in(3)) command.edition = id;
  }
  command.account = somebody(model);
  caller = user_or_app(model, command.account);
  return command;
}

market::AnyCommand Workload::leave_waitlist(const Model& model, Instant, Caller& caller) {
  market::LeaveWaitlist command;
  command.edition = something(model);
  command.account = somebody(model);
  for (const auto& [id, ware] : model.wares()) {
    if (ware.line.empty() || !once_in(3)) continue;
    command.edition = id;
    command.account = ware.line.begin()->second;
  }
  caller = user_or_app(model, command.account);
  return command;
}

}  // namespace stardrop::simulation
