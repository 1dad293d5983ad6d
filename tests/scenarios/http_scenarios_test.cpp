// Every scenario over HTTP, word for word what the executor is told: same answers, sound books.
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/scenarios/http_backend.h"
#include "tests/scenarios/stories.h"
#include "tests/support/stores.h"

namespace stardrop::testing {
namespace {

class HttpScenarioTest : public ::testing::TestWithParam<std::tuple<StoreKind, std::string>> {};

TEST_P(HttpScenarioTest, HoldsOverHttp) {
  const auto& [kind, name] = GetParam();
  if (!is_at_hand(kind)) GTEST_SKIP() << kNoPostgres;
  AnyStore any(kind);
  HttpBackend backend(any.store());
  for (const std::string& wrong : Scenario(backend).play(name, scenarios().at(name))) {
    ADD_FAILURE() << wrong;
  }
  backend.world().engine().run([&](engine::Executor& executor) {
    EXPECT_EQ(executor.violations(), 0U);
    expect_sound(*snapshot_of(executor, any.store()), backend.world().clock);
  });
}

INSTANTIATE_TEST_SUITE_P(Http,
                         HttpScenarioTest,
                         ::testing::Combine(::testing::Values(StoreKind::memory,
                                                              StoreKind::postgres),
                                            ::testing::ValuesIn(names_of_scenarios())),
                         [](const auto& each) {
                           return name_of_store(std::get<0>(each.param)) + '_' +
                                  std::get<1>(each.param);
                         });

TEST(HttpScenarios, OnlyWhatTheEngineAsksForHasNoRoute) {
  EXPECT_EQ(commands_without_route(),
            (std::vector<std::string>{"run_timers", "lease_stock", "settle_stock"}));
}

}  // namespace
}  // namespace stardrop::testing
