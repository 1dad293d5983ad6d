// A small world for tests: an executor over the reference store, a clock that obeys, and people.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "engine/executor.h"
#include "storage/memory/memory_store.h"

namespace stardrop::test {

class World;

/// Somebody who asks. `world.as(alice).run(SendGift{…})`.
class Actor {
 public:
  Actor(World& world, market::Caller caller) noexcept : world_(world), caller_(caller) {}

  /// Carries out one command in a batch of its own, without an idempotency key.
  template <class Command>
  Result<typename Command::Reply> run(Command command);

  /// Buys one gift of `edition` for `to`, paid by the caller's own account, at any price.
  Result<market::SendGift::Reply> send_gift(EditionId edition, AccountId to);

 private:
  World& world_;
  market::Caller caller_;
};

/// Everything a test of rules needs. Starts at a fixed moment; time passes only when told to.
class World {
 public:
  /// 2026-01-01T00:00:00Z.
  static constexpr Instant kStart{1'767'225'600'000'000};

  World();

  Actor as(AccountId account);
  Actor as_app(AccountId bot);
  Actor as_operator();
  Actor as_engine();

  /// A new account; the helpers below stop the test's program if they are refused.
  AccountId user(std::string_view name = "", bool premium = false);
  AccountId bot(std::string_view name = "");
  AccountId channel(std::string_view name = "");
  /// A user made with `bot`'s key.
  AccountId user_of(AccountId bot, std::string_view name = "");
  /// Bought Stars: final, or reversible for `reversible_s` seconds from now.
  TopUpId fund(AccountId account, std::int64_t stars, std::int64_t reversible_s = 0);
  /// An edition on sale with a title made for it; change the terms before `publish`.
  static market::EditionTerms terms(std::int64_t stars, std::optional<std::int64_t> supply);
  EditionId publish(const market::EditionTerms& terms);
  EditionId edition(std::int64_t stars, std::optional<std::int64_t> supply = std::nullopt);
  /// Changes the rules' settings.
  template <class Change>
  void configure(Change&& change) {
    market::Configure command;
    static_cast<market::RuleSettings&>(command) = settings();
    change(command);
    must(as_operator().run(command));
  }
  market::RuleSettings settings();

  void advance_s(std::int64_t seconds) { clock.advance(Duration::seconds(seconds)); }
  Instant now() const { return executor.now(); }
  Instant in_s(std::int64_t seconds) const { return now().plus(Duration::seconds(seconds)); }

  /// A row as it was committed last; nothing if there is none.
  template <class Row>
  std::optional<Row> find(const typename Row::Key& key) {
    const Row* const row = executor.reader().find<Row>(key);
    return row != nullptr ? std::optional<Row>(*row) : std::nullopt;
  }
  ledger::Account account(AccountId id);
  ledger::Edition edition_row(EditionId id);
  std::int64_t available(AccountId id) { return account(id).available().whole_part(); }

  /// Recomputes the books from every row of the store. Empty if all is well, else what is wrong.
  std::vector<std::string> wrongs();

  /// Carries out one request as it stands.
  engine::Outcome execute(engine::Request request);

  ManualClock clock{kStart};
  storage::MemoryStore store;
  engine::Executor executor;
  /// Every event since the last `clear`, in order of commits.
  std::vector<market::Event> events;

  /// Number of events of a kind so far.
  std::int64_t count(market::EventKind kind) const;

  /// The value of a result that a test takes for granted.
  template <class T>
  static T must(Result<T> result) {
    if (!result.ok()) stop(result.error());
    return *std::move(result);
  }

 private:
  [[noreturn]] static void stop(const Error& error);

  int titles_ = 0;
  int references_ = 0;
};

template <class Command>
Result<typename Command::Reply> Actor::run(Command command) {
  engine::Request request;
  request.caller = caller_;
  request.command = std::move(command);
  engine::Outcome outcome = world_.execute(std::move(request));
  if (!outcome) return std::move(outcome).error();
  return std::get<market::AllCommands::kIndexOf<Command>>(outcome->reply);
}

/// The code of a refusal, `success` if it is none: for EXPECT_EQ.
template <class T>
std::string_view refusal(const Result<T>& result) {
  return result.ok() ? std::string_view("success") : info(result.error().code()).code;
}

/// The refusal's fact of this name as text; empty if there is none.
template <class T>
std::string fact(const Result<T>& result, std::string_view name) {
  if (result.ok()) return {};
  for (const Fact& each : result.error().facts()) {
    if (each.name != name) continue;
    if (const auto* text = std::get_if<std::string>(&each.value)) return *text;
    if (const auto* yes = std::get_if<bool>(&each.value)) return *yes ? "true" : "false";
    return std::to_string(std::get<std::int64_t>(each.value));
  }
  return {};
}

}  // namespace stardrop::test
