// Every scenario on every store: the story holds, the books balance, the journal tells it again.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "engine/replay.h"
#include "engine/state_hash.h"
#include "tests/scenarios/stories.h"
#include "tests/support/scenario.h"
#include "tests/support/stores.h"

namespace stardrop::testing {
namespace {

class ScenarioTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ScenarioTest, HoldsOnEveryStore) {
  const std::string text = scenarios().at(GetParam());
  for (const StoreKind kind : stores_at_hand()) {
    SCOPED_TRACE(name_of_store(kind));
    AnyStore any(kind);
    ExecutorBackend backend(any.store());
    for (const std::string& wrong : Scenario(backend).play(GetParam(), text)) {
      ADD_FAILURE() << wrong;
    }
    EXPECT_EQ(backend.executor().violations(), 0U);
    expect_sound(*snapshot_of(backend.executor(), any.store()), backend.clock());
  }
}

TEST_P(ScenarioTest, EndsInTheSameRowsOnEveryStore) {
  AnyStore memory(StoreKind::memory);
  ExecutorBackend backend(memory.store());
  Scenario(backend).play(GetParam(), scenarios().at(GetParam()));
  const auto told = snapshot_of(backend.executor(), memory.store());
  const auto hash = engine::state_hash(*told);
  ASSERT_TRUE(hash.ok());
  for (const StoreKind kind : stores_at_hand()) {
    // Sealed texts are never sealed alike twice: the other stores are told the same journal.
    SCOPED_TRACE(name_of_store(kind));
    AnyStore any(kind);
    ExecutorBackend again(any.store());
    engine::ReplayReport report;
    ASSERT_TRUE(engine::rebuild(*told, again.executor(), report).ok());
    EXPECT_FALSE(report.first_wrong_op.is_set()) << to_json(report);
    const auto rebuilt = engine::state_hash(*snapshot_of(again.executor(), any.store()));
    ASSERT_TRUE(rebuilt.ok());
    EXPECT_EQ(rebuilt->text(), hash->text());
  }
}

INSTANTIATE_TEST_SUITE_P(All,
                         ScenarioTest,
                         ::testing::ValuesIn(names_of_scenarios()),
                         [](const auto& each) { return each.param; });

TEST(Scenarios, TellOfEveryCommand) {
  std::string all;
  for (const auto& [name, text] : scenarios()) all += text;
  for (const std::string& command : command_names()) {
    EXPECT_NE(all.find(' ' + command + ' '), std::string::npos)
        << "no scenario mentions " << command;
  }
}

TEST(Scenarios, NoticeWhatGoesOtherwise) {
  AnyStore any(StoreKind::memory);
  ExecutorBackend backend(any.store());
  const auto wrongs = Scenario(backend).play("wrong", R"(
given    alice has 100
operator create_edition title=Rose stars=60 supply=1 -> id=rose
alice    send_gift edition=rose to=alice max_price=60 -> serial=2
alice    send_gift edition=rose to=alice max_price=60 -> ok
alice    again -> ok
bob      send_gift edition=rose to=alice max_price=60 -> sold_out
expect   alice 41
expect   rose sold=7 nonsense=1
advance  soon
)");
  const std::vector<std::string> expected{
      "wrong:4: expected serial=2, got 1",
      "wrong:5: expected ok, got sold_out ",
      "wrong:6: expected ok, got sold_out ",
      "wrong:7: nobody is called bob",
      "wrong:7: expected sold_out, got missing_field param=from",
      "wrong:8: expected alice 41, got 40",
      "wrong:9: expected sold=7, got 1",
      "wrong:9: there is no nonsense",
      "wrong:10: this is no length of time: soon",
  };
  ASSERT_EQ(wrongs.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_TRUE(wrongs[i].starts_with(expected[i])) << wrongs[i];
  }
}

}  // namespace
}  // namespace stardrop::testing
