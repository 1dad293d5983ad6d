// The engine's queue: what doesn't fit is refused at once, the rest is carried out.
#include "engine/engine.h"

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "storage/faulty/faulty_store.h"
#include "storage/memory/memory_store.h"

namespace stardrop::engine {
namespace {

/// Keeps what is delivered.
class Inbox final : public Sink {
 public:
  void deliver(std::vector<Delivery>&& deliveries) override {
    const std::lock_guard lock(mutex_);
    for (Delivery& each : deliveries) all_.push_back(std::move(each));
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }
  /// Only once nothing is delivered any more.
  const std::vector<Delivery>& all() const { return all_; }

 private:
  std::mutex mutex_;
  std::vector<Delivery> all_;
};

Request new_account() {
  return {{market::CallerKind::operator_, {}}, "", 0, market::CreateAccount{}};
}

TEST(Engine, RefusesWhatTheQueueCannotHold) {
  storage::MemoryStore store;
  ManualClock clock{Instant{1'728'129'600'000'000}};
  EngineOptions options;
  options.queue_max = 2;
  Engine engine(store, clock, options);
  ASSERT_TRUE(engine.open().ok());
  Inbox inbox;
  std::vector<Work> work;
  for (int i = 0; i < 5; ++i) work.push_back({&inbox, nullptr, new_account()});
  engine.submit(std::move(work));  // nobody takes anything out yet
  ASSERT_EQ(inbox.size(), 3U);
  for (const Delivery& each : inbox.all()) {
    ASSERT_FALSE(each.outcome->ok());
    EXPECT_EQ(each.outcome->error().code(), ErrorCode::overloaded);
  }
  EXPECT_EQ(engine.stats().overloaded.load(), 3U);
  engine.start();
  engine.stop();
  ASSERT_EQ(inbox.size(), 5U);
  EXPECT_TRUE(inbox.all()[3].outcome->ok());
  EXPECT_TRUE(inbox.all()[4].outcome->ok());
  // From the stop on nothing is taken any more.
  std::vector<Work> late;
  late.push_back({&inbox, nullptr, new_account()});
  engine.submit(std::move(late));
  ASSERT_EQ(inbox.size(), 6U);
  EXPECT_EQ(inbox.all()[5].outcome->error().code(), ErrorCode::overloaded);
}

TEST(Engine, SaysWhenItDoesNotKnowWhatBecameOfACommit) {
  storage::MemoryStore below;
  storage::FaultyStore store(below);
  ManualClock clock{Instant{1'728'129'600'000'000}};
  Engine engine(store, clock, {});
  std::atomic<int> fatal{0};
  engine.on_fatal([&fatal](const Error&) { ++fatal; });
  ASSERT_TRUE(engine.open().ok());
  engine.start();
  EXPECT_TRUE(engine.call(new_account()).ok());
  store.fail_commit(storage::CommitFault::lost);
  const Outcome outcome = engine.call(new_account());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), ErrorCode::outcome_unknown);
  engine.stop();
  EXPECT_GE(fatal.load(), 1);
}

}  // namespace
}  // namespace stardrop::engine
