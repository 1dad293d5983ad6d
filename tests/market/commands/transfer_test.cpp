// Stars given, given back, held, captured and released.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using market::CaptureHold;
using market::PlaceHold;
using market::RefundTransfer;
using market::ReleaseHold;
using market::TransferStars;
using testing::IsEmpty;

class TransferTest : public testing::Test {
 protected:
  Result<TransferStars::Reply> give(AccountId from, AccountId to, std::int64_t stars) {
    return world.as(from).run(TransferStars{from, to, Stars::whole(stars), Instant()});
  }
  HoldId hold(std::int64_t stars, std::int64_t seconds = 100) {
    PlaceHold command;
    command.account = alice;
    command.stars = Stars::whole(stars);
    command.expires_at = world.in_s(seconds);
    return World::must(world.as_app(app).run(command)).hold;
  }

  World world;
  AccountId app = world.bot();
  AccountId alice = world.user_of(app);
  AccountId bob = world.user();
  AccountId erased = world.user();
};

TEST_F(TransferTest, RefusesInTheDocumentedOrder) {
  World::must(world.as_operator().run(market::EraseAccount{erased}));
  TransferStars command{alice, alice, Stars::whole(101), World::kStart};
  const auto attempt = [&] { return world.as_operator().run(command); };
  world.configure([](auto& settings) {
    settings.stars_gifts_enabled = false;
    settings.stars_gift_max = 100;
  });
  EXPECT_EQ(refusal(attempt()), "forbidden");
  world.configure([](auto& settings) { settings.stars_gifts_enabled = true; });
  EXPECT_EQ(refusal(attempt()), "same_account");
  command.to = AccountId(99);
  EXPECT_EQ(refusal(attempt()), "amount_out_of_range");
  command.stars = Stars::whole(100);
  EXPECT_EQ(refusal(attempt()), "command_expired");
  command.expires_at = Instant();
  command.from = AccountId(98);
  EXPECT_EQ(refusal(attempt()), "account_not_found");
  command.from = erased;
  EXPECT_EQ(refusal(attempt()), "account_erased");
  command.from = alice;
  EXPECT_EQ(refusal(attempt()), "account_not_found");
  command.to = erased;
  EXPECT_EQ(refusal(attempt()), "account_erased");
  command.to = bob;
  EXPECT_EQ(refusal(attempt()), "insufficient_funds");
  EXPECT_EQ(fact(attempt(), "required"), "100");
  world.fund(alice, 100);
  EXPECT_EQ(refusal(attempt()), "success");
  EXPECT_EQ(world.available(bob), 100);
  EXPECT_EQ(world.count(market::EventKind::stars_received), 1);
}

TEST_F(TransferTest, LotsTravelAndBecomeFinalOnTheirWay) {
  world.fund(alice, 60, 100);
  world.fund(alice, 40);
  EXPECT_TRUE(give(alice, bob, 70)->reversible_until.is_set());
  EXPECT_EQ(world.account(alice).reversible, Stars::whole(30));
  EXPECT_EQ(world.account(bob).reversible, Stars::whole(30));
  world.advance_s(101);
  EXPECT_FALSE(give(bob, alice, 70)->reversible_until.is_set());
  EXPECT_EQ(world.account(bob).reversible, Stars());
  EXPECT_FALSE(give(alice, bob, 100)->reversible_until.is_set());
  EXPECT_EQ(world.account(alice).reversible, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, MoreLotsThanThereIsRoomForAreJoined) {
  for (std::size_t i = 0; i < ledger::kLotsMax; ++i) world.fund(alice, 1, 200);
  for (std::int64_t i = 0; i < 40; ++i) world.fund(bob, 1, 100 + 5 * i);
  World::must(give(bob, alice, 40));
  EXPECT_EQ(world.account(alice).reversible, Stars::whole(104));
  EXPECT_EQ(world.find<ledger::Lots>(alice)->open.size(), ledger::kLotsMax);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, RefundRefusesInTheDocumentedOrder) {
  world.fund(alice, 100);
  const auto refund = [&](Actor actor, TransferId id) { return actor.run(RefundTransfer{id}); };
  const TransferId given = give(alice, bob, 60)->transfer;
  EXPECT_EQ(refusal(refund(world.as(bob), TransferId(5))), "transfer_not_found");
  EXPECT_EQ(refusal(refund(world.as(alice), given)), "transfer_not_found");
  const auto gift = World::must(world.as(alice).send_gift(world.edition(1), bob));
  const TransferId bought = world.find<market::Gift>(gift.gift)->transfer;
  EXPECT_EQ(refusal(refund(world.as_operator(), bought)), "not_refundable");
  const TransferId from_erased = World::must(give(alice, erased, 5)).transfer;
  const TransferId back = World::must(give(erased, bob, 5)).transfer;
  World::must(world.as_operator().run(market::EraseAccount{erased}));
  EXPECT_EQ(refusal(refund(world.as(bob), back)), "account_erased");
  EXPECT_EQ(refusal(refund(world.as_operator(), from_erased)), "insufficient_funds");
  World::must(give(bob, alice, 10));
  EXPECT_EQ(refusal(refund(world.as(bob), given)), "insufficient_funds");
  World::must(give(alice, bob, 10));
  const auto done = refund(world.as(bob), given);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->to, alice);
  EXPECT_EQ(refusal(refund(world.as(bob), given)), "already_refunded");
  EXPECT_EQ(refusal(refund(world.as(alice), done->transfer)), "not_refundable");
  EXPECT_EQ(world.find<ledger::Transfer>(done->transfer)->refunds, given);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, ALotNeverExistsTwice) {
  world.fund(alice, 60, 1000);
  world.fund(bob, 100);
  const TransferId given = give(alice, bob, 60)->transfer;
  // Bob spends 100 final Stars first, so 60 of the lot are left; then half of the lot.
  World::must(give(bob, erased, 130));
  EXPECT_EQ(world.account(bob).reversible, Stars::whole(30));
  world.fund(bob, 30);
  World::must(world.as(bob).run(RefundTransfer{given}));
  EXPECT_EQ(world.account(alice).reversible, Stars::whole(30));
  EXPECT_EQ(world.account(erased).reversible, Stars::whole(30));
  EXPECT_EQ(world.account(bob).reversible, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, ARefundRepaysWhatIsOwed) {
  const TopUpId paid = world.fund(alice, 50, 1000);
  const TransferId given = give(alice, bob, 50)->transfer;
  World::must(world.as_operator().run(market::ReverseTopUp{paid, {}}));
  World::must(world.as(bob).run(RefundTransfer{given}));
  EXPECT_EQ(world.account(alice).owed, Stars());
  EXPECT_EQ(world.account(alice).posted, Stars());
  EXPECT_EQ(world.account(alice).reversible, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, HoldsRefuseInTheDocumentedOrder) {
  PlaceHold command;
  command.reason = ledger::HoldReason::bid;
  command.expires_at = World::kStart;
  command.stars = Stars::whole(10);
  EXPECT_EQ(refusal(world.as(alice).run(command)), "invalid_value");
  command.reason = ledger::HoldReason::payout;
  EXPECT_EQ(refusal(world.as(alice).run(command)), "command_expired");
  command.expires_at = world.in_s(world.settings().hold_max_s + 1);
  EXPECT_EQ(refusal(world.as(alice).run(command)), "forbidden");
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "account_not_found");
  command.account = bob;
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "account_not_found");
  command.account = alice;
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "amount_out_of_range");
  command.expires_at = Instant();
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "insufficient_funds");
  world.fund(alice, 15);
  EXPECT_EQ(world.as_app(app).run(command)->available, Stars::whole(5));
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "insufficient_funds");
  EXPECT_EQ(refusal(give(alice, bob, 6)), "insufficient_funds");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, CaptureRefusesInTheDocumentedOrder) {
  world.fund(alice, 100);
  world.fund(erased, 1);
  World::must(world.as_operator().run(market::EraseAccount{erased}));
  CaptureHold command{HoldId(3), AccountId(99), Stars::whole(51)};
  EXPECT_EQ(refusal(world.as(alice).run(command)), "forbidden");
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "hold_not_found");
  command.hold = hold(50);
  EXPECT_EQ(refusal(world.as_app(world.bot()).run(command)), "hold_not_found");
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "account_not_found");
  command.to = erased;
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "account_erased");
  command.to = alice;
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "same_account");
  command.to = bob;
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "amount_out_of_range");
  command.stars = Stars::whole(20);
  const auto captured = world.as_app(app).run(command);
  EXPECT_EQ(captured->released, Stars::whole(30));
  EXPECT_EQ(world.available(alice), 80);
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "hold_closed");
  EXPECT_EQ(fact(world.as_app(app).run(command), "state"), "captured");
  EXPECT_EQ(refusal(world.as(bob).run(RefundTransfer{captured->transfer})), "success");
  EXPECT_EQ(world.available(alice), 100);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, AHoldIsGoodForTheHouseAndAfterErasure) {
  world.fund(alice, 100, 1000);
  const HoldId kept = hold(70);
  World::must(world.as_operator().run(market::EraseAccount{alice}));
  EXPECT_EQ(refusal(world.as_app(app).run(CaptureHold{kept, ledger::kHouse, {}})), "success");
  EXPECT_EQ(world.available(ledger::kHouse), 70);
  EXPECT_EQ(world.account(alice).reversible, Stars::whole(30));
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(TransferTest, ReleaseRefusesInTheDocumentedOrder) {
  world.fund(alice, 10);
  const HoldId kept = hold(10);
  EXPECT_EQ(refusal(world.as(alice).run(ReleaseHold{kept})), "forbidden");
  EXPECT_EQ(refusal(world.as_app(app).run(ReleaseHold{HoldId(4)})), "hold_not_found");
  EXPECT_EQ(refusal(world.as_app(app).run(ReleaseHold{kept})), "success");
  EXPECT_EQ(refusal(world.as_app(app).run(ReleaseHold{kept})), "hold_closed");
  EXPECT_EQ(world.available(alice), 10);
}

TEST_F(TransferTest, AHoldEndsAtItsVeryMoment) {
  world.fund(alice, 10);
  const HoldId kept = hold(10);
  const Instant due = world.find<ledger::Hold>(kept)->expires_at;
  EXPECT_EQ(world.executor.next_timer(), due);
  world.clock.set({due.us - 1});
  EXPECT_EQ(world.as_engine().run(market::RunTimers{})->handled, 0);
  world.clock.set(due);
  EXPECT_EQ(refusal(world.as_app(app).run(CaptureHold{kept, bob, {}})), "hold_closed");
  EXPECT_EQ(world.as_engine().run(market::RunTimers{})->handled, 1);
  EXPECT_EQ(world.find<ledger::Hold>(kept)->state, ledger::HoldState::expired);
  EXPECT_EQ(world.available(alice), 10);
  EXPECT_FALSE(world.executor.next_timer().is_set());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

}  // namespace
}  // namespace stardrop::test
