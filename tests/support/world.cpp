// The world's people and things, and its own independent bookkeeping.
#include "tests/support/world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace stardrop::test {

using ledger::Account;
using ledger::Edition;
using market::CallerKind;

World::World() : executor(store, clock, {.master_key = {}, .entropy = [] { return 42U; }}) {
  must(executor.open());
  executor.on_commit([this](const engine::BatchReport& report) {
    events.insert(events.end(), report.events.begin(), report.events.end());
  });
}

void World::stop(const Error& error) {
  std::fprintf(stderr, "a test takes for granted what was refused: %.*s %.*s\n",
               static_cast<int>(info(error.code()).code.size()), info(error.code()).code.data(),
               static_cast<int>(error.detail_text().size()), error.detail_text().data());
  std::abort();
}

Actor World::as(AccountId account) { return {*this, {CallerKind::user, account}}; }
Actor World::as_app(AccountId bot) { return {*this, {CallerKind::app, bot}}; }
Actor World::as_operator() { return {*this, {CallerKind::operator_, {}}}; }
Actor World::as_engine() { return {*this, {CallerKind::engine, {}}}; }

Result<market::SendGift::Reply> Actor::send_gift(EditionId edition, AccountId to) {
  market::SendGift command;
  command.edition = edition;
  command.from = caller_.account;
  command.to = to;
  command.max_price = Stars::whole(1'000'000'000'000);
  return run(std::move(command));
}

AccountId World::user(std::string_view name, bool premium) {
  market::CreateAccount command;
  command.name = name;
  command.premium = premium;
  return must(as_operator().run(std::move(command))).id;
}

AccountId World::bot(std::string_view name) {
  market::CreateAccount command;
  command.kind = ledger::AccountKind::bot;
  command.name = name;
  return must(as_operator().run(std::move(command))).id;
}

AccountId World::channel(std::string_view name) {
  market::CreateAccount command;
  command.kind = ledger::AccountKind::channel;
  command.name = name;
  return must(as_operator().run(std::move(command))).id;
}

AccountId World::user_of(AccountId bot, std::string_view name) {
  market::CreateAccount command;
  command.name = name;
  return must(as_app(bot).run(std::move(command))).id;
}

TopUpId World::fund(AccountId account, std::int64_t stars, std::int64_t reversible_s) {
  market::TopUp command;
  command.account = account;
  command.stars = Stars::whole(stars);
  command.provider = "test";
  command.reference = "payment-" + std::to_string(++references_);
  if (reversible_s > 0) command.reversible_until = in_s(reversible_s);
  return must(as_operator().run(std::move(command))).id;
}

market::EditionTerms World::terms(std::int64_t stars, std::optional<std::int64_t> supply) {
  market::EditionTerms terms;
  terms.stars = Stars::whole(stars);
  terms.supply = supply;
  return terms;
}

EditionId World::publish(const market::EditionTerms& terms) {
  market::CreateEdition command;
  static_cast<market::EditionTerms&>(command) = terms;
  if (command.title.empty()) command.title = "Edition " + std::to_string(++titles_);
  return must(as_operator().run(std::move(command))).id;
}

EditionId World::edition(std::int64_t stars, std::optional<std::int64_t> supply) {
  return publish(terms(stars, supply));
}

market::RuleSettings World::settings() {
  return find<market::RuleSettings>(1).value_or(market::RuleSettings());
}

Account World::account(AccountId id) {
  const auto row = find<Account>(id);
  return row ? *row : must(Result<Account>(ErrorCode::account_not_found));
}

Edition World::edition_row(EditionId id) {
  const auto row = find<Edition>(id);
  return row ? *row : must(Result<Edition>(ErrorCode::edition_not_found));
}

engine::Outcome World::execute(engine::Request request) {
  std::vector<engine::Outcome> outcomes;
  std::vector<engine::Request> requests;
  requests.push_back(std::move(request));
  executor.execute(requests, outcomes);
  return std::move(outcomes.front());
}

std::int64_t World::count(market::EventKind kind) const {
  return std::ranges::count(events, kind, &market::Event::kind);
}

}  // namespace stardrop::test
