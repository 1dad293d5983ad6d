// Slices of stock with several nodes: each sells its own, and all tell the truth.
#include <array>
#include <atomic>

#include "engine/board.h"
#include "tests/storage/postgres/writers.h"

namespace stardrop {
namespace {

using testing::code_of;
using testing::Node;
using testing::Shop;

class SlicesTest : public testing::WritersTest {};

TEST_F(SlicesTest, EachSellsASliceOfAHotEdition) {
  add_nodes(2, 50, 10'000);
  // The first batch shows that another node is at work, the next one takes a slice.
  for (std::uint64_t round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < 2; ++i) nodes_[i]->shop.buy(i * 1000 + round * 20, 20);
  }
  EXPECT_EQ(number("SELECT count(*) FROM stock_slices"), 2);
  const std::int64_t version = number("SELECT version FROM editions");
  for (std::size_t i = 0; i < 2; ++i) nodes_[i]->shop.buy(i * 1000 + 60, 20);
  EXPECT_EQ(number("SELECT version FROM editions"), version);
  EXPECT_EQ(number("SELECT count(DISTINCT serial) FROM gifts"), 160);
  // Each knows what the other has sold.
  for (const auto& node : nodes_) {
    engine::Board board;
    ASSERT_TRUE(node->shop.executor().take_news().ok());
    board.reset(node->shop.executor().state());
    EXPECT_EQ(board.edition(nodes_[0]->shop.edition())->sold, 160);
  }
  testing::check_rows(nodes_[0]->store);
  expect_sound();
}

TEST_F(SlicesTest, ASliceComesBackWhenItsNodeIsGone) {
  add_nodes(3, 50, 10'000);
  for (std::uint64_t round = 0; round < 3; ++round) nodes_[2]->shop.buy(round * 20, 20);
  ASSERT_EQ(number("SELECT count(*) FROM stock_slices"), 1);
  nodes_.pop_back();  // its lease ends
  ASSERT_TRUE(nodes_[0]->shop.executor().tidy(true).ok());
  EXPECT_EQ(number("SELECT count(*) FROM stock_slices"), 0);
  EXPECT_EQ(number("SELECT sold FROM editions"), 60);
  EXPECT_EQ(number("SELECT leased FROM editions"), 0);
  expect_sound();
}

TEST_F(SlicesTest, TermsThatChangeHoldForEverySlice) {
  add_nodes(2, 50, 10'000);
  for (std::uint64_t round = 0; round < 3; ++round) nodes_[1]->shop.buy(round * 20, 20);
  ASSERT_EQ(number("SELECT count(*) FROM stock_slices"), 1);
  market::UpdateEdition dearer;
  dearer.edition = nodes_[0]->shop.edition();
  dearer.stars = Stars::whole(900);
  Shop& shop = nodes_[0]->shop;
  ASSERT_TRUE(shop.run({shop.request(dearer, "")})[0].ok());
  // The other has not heard of it, and sells nothing at the old price.
  for (const auto& outcome : nodes_[1]->shop.buy(60, 20)) {
    EXPECT_EQ(code_of(outcome), "price_increased");
  }
  expect_sound();
}

TEST_F(SlicesTest, SoldOutIsSaidOnceAndByAll) {
  constexpr std::int64_t kSupply = 3000;
  add_nodes(3, 60, kSupply);
  std::array<int, 3> said{};
  for (std::size_t i = 0; i < 3; ++i) {
    nodes_[i]->shop.executor().on_commit([&said, i](const engine::BatchReport& report) {
      for (const market::Event& event : report.events) {
        if (event.kind == market::EventKind::edition_sold_out) ++said[i];
      }
    });
  }
  std::atomic<bool> gone = false;
  at_once([&](std::size_t i, Node& node) {
    for (std::uint64_t round = 0; round < 60; ++round) {
      const bool was_gone = gone;
      for (const auto& outcome : node.shop.buy(i * 10'000 + round * 25, 25)) {
        // Once somebody was told, anywhere, that it is sold out nobody buys.
        EXPECT_FALSE(was_gone && outcome.ok());
        if (code_of(outcome) == "sold_out") gone = true;
      }
    }
  });
  EXPECT_TRUE(gone);
  for (const auto& node : nodes_) EXPECT_TRUE(node->shop.executor().take_news().ok());
  EXPECT_EQ(said, (std::array<int, 3>{1, 1, 1}));
  EXPECT_EQ(number("SELECT count(*) FROM gifts"), kSupply);
  testing::check_rows(nodes_[0]->store);
  expect_sound();
}

}  // namespace
}  // namespace stardrop
