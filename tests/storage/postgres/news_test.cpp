// What nodes hear of each other: everything once, in an order that fits, and without looking for it
// everywhere.
#include <array>
#include <cstdint>
#include <vector>

#include "tests/storage/postgres/writers.h"

namespace stardrop {
namespace {

using testing::comes_true;
using testing::Node;

class NewsTest : public testing::WritersTest {
 protected:
  /// From now on the serials of gifts that each of three nodes is told of are kept.
  void hear() {
    for (std::size_t i = 0; i < heard_.size(); ++i) {
      nodes_[i]->shop.executor().on_commit([this, i](const engine::BatchReport& report) {
        for (const market::Event& event : report.events) {
          if (event.kind == market::EventKind::gift_received) heard_[i].push_back(event.serial);
        }
      });
    }
  }
  /// Of this many sales, each the effect of the one before.
  void expect_all_heard(std::int64_t sales) {
    std::vector<std::int64_t> all;
    for (std::int64_t serial = 1; serial <= sales; ++serial) all.push_back(serial);
    for (std::size_t i = 0; i < heard_.size(); ++i) {
      ASSERT_TRUE(nodes_[i]->shop.executor().take_news().ok());
      EXPECT_EQ(heard_[i].size(), all.size()) << "node " << i;
      EXPECT_EQ(heard_[i], all) << "node " << i;
    }
  }

  std::array<std::vector<std::int64_t>, 3> heard_;
};

TEST_F(NewsTest, ShowNoEffectBeforeItsCause) {
  add_nodes(3, 4, 100'000);
  // Account 0 gets a gift for each step of a chain that goes round the nodes.
  hear();
  at_once([&](std::size_t i, Node& node) {
    for (std::uint64_t round = 0; round < 60; ++round) {
      ASSERT_TRUE(node.shop.buy(i * 1000 + round).ok());
      ASSERT_TRUE(node.shop.executor().take_news().ok());
    }
  });
  // A sale's serial is one more than the one before: each is the effect of that.
  expect_all_heard(180);
}

TEST_F(NewsTest, AreFoundByTheirPlaceHoweverManyThereAre) {
  constexpr std::int64_t kRounds = 300;  // more than are read of a lane at once
  add_nodes(3, 3, 10'000);
  hear();
  for (std::uint64_t i = 0; i < kRounds; ++i) {
    EXPECT_TRUE(nodes_[0]->shop.buy(2 * i).ok());
    EXPECT_TRUE(nodes_[1]->shop.buy(2 * i + 1).ok());
    EXPECT_TRUE(nodes_[2]->shop.executor().take_news().ok());
  }
  // One heard of it bit by bit, the others now.
  expect_all_heard(2 * kRounds);
  nodes_.clear();
  // What a session did is counted before it is gone.
  EXPECT_TRUE(comes_true([this] {
    return number("SELECT count(*) FROM pg_stat_activity WHERE application_name = '" +
                  schema_->name() + "'") == 0;
  }));
  const std::int64_t fetched = number(
      "SELECT idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'journal' AND "
      "schemaname = '" +
      schema_->name() + "'");
  // By each node once, and a page perhaps once more.
  EXPECT_GE(fetched, 3 * 2 * kRounds);
  EXPECT_LE(fetched, 2 * 3 * 2 * kRounds);
}

}  // namespace
}  // namespace stardrop
