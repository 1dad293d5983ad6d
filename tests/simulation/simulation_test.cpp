// Seeds on every store. STARDROP_LONG=1 runs longer; STARDROP_SEED and STARDROP_STEPS choose one.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "app/simulation/minimise.h"
#include "app/simulation/simulate.h"
#include "app/simulation/workload.h"
#include "tests/support/stores.h"

namespace stardrop::simulation {
namespace {

using testing::AnyStore;
using testing::StoreKind;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 10) : otherwise;
}

bool is_long() { return from_environment("STARDROP_LONG", 0) != 0; }

/// A failure is told with its seed and the shortest scenario that shows it.
void expect_sound(const Report& report, StoreKind kind, const Plan& plan) {
  if (!report.failure.empty()) {
    const Report shortest = minimise(report, [&](const std::vector<Act>& acts) {
      AnyStore any(kind);
      return play(any.store(), plan, acts);
    });
    ADD_FAILURE() << report.failure << "\n\n" << shortest.story << "\n# " << shortest.failure;
    return;
  }
  EXPECT_GT(report.carried_out, report.steps / 10);
}

class SimulationTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    if (!testing::is_at_hand(GetParam())) GTEST_SKIP() << testing::kNoPostgres;
  }
};

TEST_P(SimulationTest, AgreesWithTheModel) {
  const std::uint64_t first = from_environment("STARDROP_SEED", 1);
  // A server takes a hundred times as long for each step.
  const std::uint64_t few = GetParam() == StoreKind::postgres ? 2 : 6;
  const std::uint64_t seeds = std::getenv("STARDROP_SEED") != nullptr ? 1 : is_long() ? 500 : few;
  const std::uint64_t steps = from_environment("STARDROP_STEPS", is_long() ? 5000 : 1500);
  std::uint64_t faults = 0;
  std::uint64_t replayed = 0;
  std::map<std::string_view, std::uint64_t> by_command;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    AnyStore any(GetParam());
    const Plan plan{.seed = seed, .steps = steps};
    const Report report = simulate(any.store(), plan);
    expect_sound(report, GetParam(), plan);
    if (::testing::Test::HasFailure()) return;
    faults += report.faults;
    replayed += report.replayed;
    for (const auto& [command, count] : report.by_command) by_command[command] += count;
  }
  // A run in which nothing failed and nobody asked twice would prove little.
  EXPECT_GT(faults, 0U);
  EXPECT_GT(replayed, 0U);
  if (seeds == 1) return;
  for (const std::string_view command : Workload::commands()) {
    EXPECT_GE(by_command[command], seeds) << command << " is hardly ever carried out";
  }
}

TEST_P(SimulationTest, GoesTheSameWayWithTheSameSeed) {
  const Plan plan{.seed = 7, .steps = 400};
  AnyStore one(GetParam());
  AnyStore other(GetParam());
  const Report first = simulate(one.store(), plan);
  EXPECT_EQ(first.story, simulate(other.store(), plan).story);
  EXPECT_FALSE(first.story.empty());
}

INSTANTIATE_TEST_SUITE_P(Stores,
                         SimulationTest,
                         ::testing::ValuesIn(testing::kAllStores),
                         [](const auto& each) { return testing::name_of_store(each.param); });

TEST(Minimise, FindsTheFewRequestsThatMatter) {
  Plan plan{.seed = 3, .steps = 1500};
  // As if no gift could be refunded soundly.
  plan.suspicion = [](const engine::Request& request, const engine::Outcome& outcome) {
    const bool refund = std::holds_alternative<market::RefundGift>(request.command);
    return refund && outcome.ok() ? "a gift is refunded" : "";
  };
  AnyStore any(StoreKind::memory);
  const Report failed = simulate(any.store(), plan);
  ASSERT_NE(failed.failure.find("a gift is refunded"), std::string::npos) << failed.failure;
  const Report shortest = minimise(failed, [&](const std::vector<Act>& acts) {
    AnyStore fresh(StoreKind::memory);
    return play(fresh.store(), plan, acts);
  });
  ASSERT_NE(shortest.failure.find("a gift is refunded"), std::string::npos) << shortest.failure;
  // Somebody, perhaps somebody else, their Stars, an edition, its sale, the refund.
  EXPECT_LE(shortest.steps, 6U) << shortest.story;
  EXPECT_GE(shortest.steps, 5U) << shortest.story;
  EXPECT_LT(shortest.story.size(), failed.story.size());
  EXPECT_NE(shortest.story.find("refund_gift"), std::string::npos);
}

TEST(Minimise, LeavesAloneWhatDoesNotFailAgain) {
  Report failed;
  failed.failure = "once only";
  failed.story = "the story";
  failed.acts.resize(3);
  const Report same = minimise(failed, [](const std::vector<Act>&) { return Report{}; });
  EXPECT_EQ(same.failure, "once only");
  EXPECT_EQ(same.story, "the story");
}

TEST(Workload, MakesEveryCommand) {
  const auto made = Workload::commands();
  market::AllCommands::for_each([&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(std::ranges::count(made, T::kName), 1) << T::kName;
  });
}

}  // namespace
}  // namespace stardrop::simulation
