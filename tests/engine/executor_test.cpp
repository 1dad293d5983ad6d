// An executor whose store fails.
#include "engine/executor.h"

#include <gtest/gtest.h>

#include "storage/faulty/faulty_store.h"
#include "storage/memory/memory_store.h"

namespace stardrop::engine {
namespace {

TEST(Executor, OpensAgainByItselfAfterAFailedCommit) {
  storage::MemoryStore below;
  storage::FaultyStore store(below);
  ManualClock clock{Instant{1'767'225'600'000'000}};
  Executor executor(store, clock, {});
  ASSERT_TRUE(executor.open().ok());
  const auto create = [&] {
    std::vector<Request> requests{
        {{market::CallerKind::operator_, {}}, "", 0, market::CreateAccount()}};
    std::vector<Outcome> outcomes;
    executor.execute(requests, outcomes);
    return outcomes.at(0);
  };
  const Outcome alice = create();
  ASSERT_TRUE(alice.ok());

  store.fail_commit(storage::CommitFault::refused);
  const Outcome refused = create();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), ErrorCode::storage_unavailable);
  EXPECT_TRUE(executor.must_reopen());

  // Nobody asks for anything, but somebody looks.
  ASSERT_TRUE(executor.tidy(true).ok());
  EXPECT_FALSE(executor.must_reopen());
  const AccountId id = std::get<market::CreateAccount::Reply>(alice->reply).id;
  Reader rows = executor.reader();
  EXPECT_NE(rows.find<ledger::Account>(id), nullptr);
  EXPECT_FALSE(rows.failed());
  EXPECT_TRUE(create().ok());
}

}  // namespace
}  // namespace stardrop::engine
