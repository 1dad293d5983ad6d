// Buying a gift: the ladder of refusals, rung by rung, and what a success leaves behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using market::EventKind;
using market::SendGift;
using testing::IsEmpty;

class SendGiftTest : public testing::Test {
 protected:
  SendGift to(AccountId receiver) const {
    SendGift command;
    command.edition = lollipop;
    command.from = alice;
    command.to = receiver;
    command.max_price = Stars::whole(25);
    return command;
  }

  World world;
  AccountId alice = world.user("Alice");
  AccountId bob = world.user("Bob");
  EditionId lollipop = world.edition(25, 2);
};

TEST_F(SendGiftTest, MovesStarsAndGivesSerialsInOrder) {
  world.fund(alice, 100);
  const auto first = world.as(alice).run(to(bob));
  const auto second = world.as(alice).run(to(alice));
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->serial, 1);
  EXPECT_EQ(second->serial, 2);
  EXPECT_EQ(world.available(alice), 50);
  EXPECT_EQ(world.available(ledger::kHouse), 50);
  EXPECT_EQ(world.find<market::Gift>(first->gift)->owner, bob);
  EXPECT_EQ(world.count(EventKind::edition_sold_out), 1);
  const ledger::Edition edition = world.edition_row(lollipop);
  EXPECT_TRUE(edition.sold_out());
  EXPECT_EQ(edition.sold_out_at, edition.last_sale_at);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

}  // namespace
}  // namespace stardrop::test
