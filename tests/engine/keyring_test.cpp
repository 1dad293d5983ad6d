// Account keys survive a store that can't be read for a moment.
#include "engine/keyring.h"

#include <gtest/gtest.h>

#include "engine/executor.h"
#include "storage/faulty/faulty_store.h"
#include "storage/memory/memory_store.h"

namespace stardrop::engine {
namespace {

Outcome run(Executor& executor, market::AnyCommand command) {
  std::vector<Request> requests{{{market::CallerKind::operator_, {}}, "", 0, std::move(command)}};
  std::vector<Outcome> outcomes;
  executor.execute(requests, outcomes);
  return outcomes.at(0);
}

std::string key_of(Executor& executor, AccountId account) {
  const auto* const row = executor.reader().find<ledger::PersonalKey>(account);
  return row != nullptr ? row->sealed.data : std::string();
}

TEST(Keyring, AKeyThatCouldNotBeLoadedIsNotReplaced) {
  storage::MemoryStore below;
  storage::FaultyStore store(below);
  ManualClock clock{Instant{1'767'225'600'000'000}};
  AccountId alice;
  std::string key;
  {
    Executor executor(store, clock, {});
    ASSERT_TRUE(executor.open().ok());
    market::CreateAccount create;
    create.name = "Alice";
    const Outcome made = run(executor, create);
    ASSERT_TRUE(made.ok());
    alice = std::get<market::CreateAccount::Reply>(made->reply).id;
    key = key_of(executor, alice);
    ASSERT_FALSE(key.empty());
  }
  market::UpdateAccount rename;
  rename.account = alice;
  rename.name = "Alice B";
  int refused = 0;
  // Each executor begins with nothing in memory and meets the fault one load later.
  for (std::uint64_t n = 1; n <= 6; ++n) {
    Executor executor(store, clock, {});
    ASSERT_TRUE(executor.open().ok());
    store.fail_load(n);
    const Outcome first = run(executor, rename);
    store.fail_load(0);
    if (!first) {
      EXPECT_EQ(first.error().code(), ErrorCode::storage_unavailable);
      ++refused;
    }
    EXPECT_TRUE(run(executor, rename).ok());
    EXPECT_EQ(key_of(executor, alice), key) << "after the load " << n << " had failed";
  }
  EXPECT_GT(refused, 1);
}

}  // namespace
}  // namespace stardrop::engine
