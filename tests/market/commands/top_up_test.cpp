// Payments and their reversals: each once, and nobody but whoever bought the Stars loses any.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using ledger::TopUpState;
using market::ReportReversal;
using market::ReverseTopUp;
using market::TopUp;
using testing::IsEmpty;

class TopUpTest : public testing::Test {
 protected:
  TopUp payment(const std::string& reference) const {
    TopUp command;
    command.account = alice;
    command.stars = Stars::whole(100);
    command.provider = "shop";
    command.reference = reference;
    return command;
  }
  Result<ReverseTopUp::Reply> reverse(TopUpId id, std::optional<std::int64_t> stars = {}) {
    ReverseTopUp command;
    command.top_up = id;
    if (stars) command.stars = Stars::whole(*stars);
    return world.as_operator().run(command);
  }

  World world;
  AccountId app = world.bot();
  AccountId alice = world.user_of(app);
  AccountId bob = world.user();
};

TEST_F(TopUpTest, RefusesInTheDocumentedOrder) {
  TopUp command;
  command.stars = Stars::whole(2'000'000'000'000);
  const auto attempt = [&](Actor actor) { return actor.run(command); };
  world.configure([](auto& settings) { settings.stars_purchase_blocked = true; });
  EXPECT_EQ(refusal(attempt(world.as(alice))), "forbidden");
  world.configure([](auto& settings) { settings.stars_purchase_blocked = false; });
  EXPECT_EQ(refusal(attempt(world.as(alice))), "amount_out_of_range");
  command.stars = Stars::whole(1'000'000'000'000);
  EXPECT_EQ(refusal(attempt(world.as(alice))), "invalid_value");
  command.provider = "shop";
  command.reference = "1";
  EXPECT_EQ(refusal(attempt(world.as(alice))), "forbidden");
  EXPECT_EQ(refusal(attempt(world.as_operator())), "account_not_found");
  command.account = ledger::kIssuer;
  EXPECT_EQ(refusal(attempt(world.as_operator())), "account_not_found");
  command.account = alice;
  for (int i = 0; i < 9; ++i) {
    command.reference = std::to_string(i);
    EXPECT_EQ(refusal(attempt(world.as_operator())), "success");
  }
  EXPECT_EQ(refusal(attempt(world.as_operator())), "reference_used");
  command.reference = "one too many";
  EXPECT_EQ(refusal(attempt(world.as_operator())), "balance_limit_reached");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TopUpTest, DebtsCountAgainstTheCirculation) {
  TopUp command = payment("a");
  command.stars = Stars::whole(1'000'000'000'000);
  const TopUpId spent = World::must(world.as_operator().run(command)).id;
  World::must(world.as(alice).run(
      market::TransferStars{alice, bob, Stars::whole(1'000'000'000'000), Instant()}));
  World::must(reverse(spent));
  command.account = bob;
  for (int i = 0; i < 8; ++i) {
    command.reference = std::to_string(i);
    EXPECT_EQ(refusal(world.as_operator().run(command)), "success");
  }
  command.reference = "9";
  EXPECT_EQ(refusal(world.as_operator().run(command)), "balance_limit_reached");
}

TEST_F(TopUpTest, TooManyReversiblePaymentsWait) {
  for (std::size_t i = 0; i < ledger::kLotsMax; ++i) world.fund(alice, 1, 100);
  TopUp command = payment("x");
  command.reversible_until = world.in_s(50);
  EXPECT_EQ(refusal(world.as_operator().run(command)), "too_many_lots");
  EXPECT_EQ(refusal(world.as_operator().run(payment("final"))), "success");
  world.advance_s(101);
  command.reversible_until = world.in_s(50);
  EXPECT_EQ(refusal(world.as_operator().run(command)), "success");
  EXPECT_EQ(world.account(alice).reversible, Stars::whole(100));
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TopUpTest, ReversalRefusesInTheDocumentedOrder) {
  const TopUpId id = world.fund(alice, 100);
  ReverseTopUp command{TopUpId(77), Stars::whole(101)};
  EXPECT_EQ(refusal(world.as(alice).run(command)), "forbidden");
  EXPECT_EQ(refusal(world.as_operator().run(command)), "top_up_not_found");
  command.top_up = id;
  EXPECT_EQ(refusal(world.as_app(world.bot()).run(command)), "top_up_not_found");
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "reversal_exceeds");
  EXPECT_EQ(refusal(reverse(id, 60)), "success");
  EXPECT_EQ(refusal(reverse(id, 41)), "reversal_exceeds");
  EXPECT_EQ(fact(reverse(id, 41), "left"), "40");
}

TEST_F(TopUpTest, ReversesInPartsAndOnlyOnce) {
  const TopUpId id = world.fund(alice, 100, 1000);
  EXPECT_EQ(reverse(id, 30)->state, TopUpState::partly_reversed);
  EXPECT_EQ(world.available(alice), 70);
  EXPECT_EQ(world.account(alice).reversible, Stars::whole(70));
  const auto rest = reverse(id);
  EXPECT_EQ(rest->reversed, Stars::whole(70));
  EXPECT_EQ(rest->state, TopUpState::reversed);
  const auto again = reverse(id);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->already);
  EXPECT_EQ(again->reversed, Stars());
  EXPECT_EQ(world.available(alice), 0);
  EXPECT_EQ(world.account(alice).owed, Stars());
  EXPECT_EQ(world.count(market::EventKind::top_up_reversed), 2);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TopUpTest, OnlyTheOffenderPays) {
  const TopUpId id = world.fund(alice, 100, 1000);
  World::must(world.as(alice).run(market::TransferStars{alice, bob, Stars::whole(80), Instant()}));
  const auto reversed = reverse(id);
  EXPECT_EQ(reversed->recovered, Stars::whole(20));
  EXPECT_EQ(reversed->owed, Stars::whole(80));
  EXPECT_EQ(world.available(bob), 80);
  EXPECT_EQ(world.account(alice).owed, Stars::whole(80));
  EXPECT_EQ(fact(world.as(alice).send_gift(world.edition(1), bob), "owed"), "80");
  // New Stars repay first, final or not.
  world.fund(alice, 50, 500);
  EXPECT_EQ(world.available(alice), 0);
  EXPECT_EQ(world.account(alice).owed, Stars::whole(30));
  EXPECT_EQ(world.account(alice).reversible, Stars());
  World::must(world.as(bob).run(market::TransferStars{bob, alice, Stars::whole(40), Instant()}));
  EXPECT_EQ(world.available(alice), 10);
  EXPECT_EQ(world.account(alice).owed, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TopUpTest, HeldStarsStayHeldAndRepayWhenReleased) {
  const TopUpId id = world.fund(alice, 100, 1000);
  market::PlaceHold hold;
  hold.account = alice;
  hold.stars = Stars::whole(70);
  const HoldId held = World::must(world.as_operator().run(hold)).hold;
  EXPECT_EQ(reverse(id)->owed, Stars::whole(70));
  EXPECT_EQ(world.account(alice).held, Stars::whole(70));
  EXPECT_EQ(world.account(alice).reversible, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
  World::must(world.as_operator().run(market::ReleaseHold{held}));
  EXPECT_EQ(world.account(alice).posted, Stars());
  EXPECT_EQ(world.account(alice).owed, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TopUpTest, AReversalMayComeFirst) {
  ReportReversal report;
  report.provider = "shop";
  report.reference = "early";
  report.stars = Stars::whole(30);
  EXPECT_TRUE(world.as_operator().run(report)->parked);
  EXPECT_TRUE(world.as_operator().run(report)->parked);
  const auto booked = world.as_operator().run(payment("early"));
  EXPECT_EQ(booked->state, TopUpState::partly_reversed);
  EXPECT_EQ(world.available(alice), 40);
  report.stars.reset();
  const auto rest = world.as_app(app).run(report);
  EXPECT_EQ(rest->top_up, booked->id);
  EXPECT_EQ(rest->reversed, Stars::whole(40));
  EXPECT_TRUE(world.as_app(app).run(report)->already);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TopUpTest, ReportsRefuseInTheDocumentedOrder) {
  ReportReversal report;
  EXPECT_EQ(refusal(world.as(alice).run(report)), "invalid_value");
  report.provider = "shop";
  report.reference = "r";
  EXPECT_EQ(refusal(world.as(alice).run(report)), "forbidden");
  World::must(world.as_operator().run(payment("r")));
  report.stars = Stars::whole(101);
  EXPECT_EQ(refusal(world.as_app(world.bot()).run(report)), "top_up_not_found");
  EXPECT_EQ(refusal(world.as_app(app).run(report)), "reversal_exceeds");
}

TEST_F(TopUpTest, AnAppParksForItsOwnAccountsOnly) {
  ReportReversal report;
  report.provider = "shop";
  report.reference = "mine";
  EXPECT_TRUE(world.as_app(world.bot()).run(report)->parked);
  EXPECT_EQ(world.as_app(app).run(payment("mine"))->state, TopUpState::posted);
  report.reference = "yours";
  EXPECT_TRUE(world.as_app(app).run(report)->parked);
  EXPECT_EQ(world.as_app(app).run(payment("yours"))->state, TopUpState::reversed);
  EXPECT_EQ(world.available(alice), 100);
}

TEST_F(TopUpTest, TheHouseHasNoLots) {
  TopUp command = payment("house");
  command.account = ledger::kHouse;
  command.reversible_until = world.in_s(1000);
  const TopUpId id = World::must(world.as_operator().run(command)).id;
  World::must(world.as_operator().run(
      market::TransferStars{ledger::kHouse, bob, Stars::whole(40), Instant()}));
  EXPECT_EQ(reverse(id)->owed, Stars::whole(40));
  EXPECT_EQ(world.account(bob).reversible, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

}  // namespace
}  // namespace stardrop::test
