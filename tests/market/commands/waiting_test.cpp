// Reservations, refunds and the waiting list: where stock goes that comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "market/rules/reserving.h"
#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using ledger::ReservationSource;
using ledger::ReservationState;
using market::EventKind;
using market::JoinWaitlist;
using market::LeaveWaitlist;
using market::RefundGift;
using market::ReleaseReservation;
using market::ReserveGift;
using market::RunTimers;
using market::UseReservation;
using testing::IsEmpty;

class WaitingTest : public testing::Test {
 protected:
  WaitingTest() {
    world.fund(alice, 1000);
    world.fund(bob, 1000);
    world.fund(carol, 1000);
  }
  GiftId buy(AccountId buyer) { return World::must(world.as(buyer).send_gift(rare, buyer)).gift; }
  std::int64_t join(AccountId account) {
    return World::must(world.as(account).run(JoinWaitlist{rare, account})).rank;
  }
  ReservationId reserve(AccountId account, std::int64_t seconds = 600) {
    return World::must(world.as_operator().run(ReserveGift{rare, account, seconds})).reservation;
  }
  /// The open reservation an account has.
  ReservationId turn_of(AccountId account) {
    ReservationId found;
    world.executor.reader().walk<ledger::OpenReservation>({account.value(), 0},
                                                          [&](const ledger::OpenReservation& row) {
                                                            if (row.account == account)
                                                              found = row.reservation;
                                                            return false;
                                                          });
    return found;
  }
  UseReservation use(ReservationId id, AccountId buyer) const {
    UseReservation command;
    command.reservation = id;
    command.from = buyer;
    command.to = buyer;
    command.max_price = Stars::whole(10);
    return command;
  }
  std::int64_t run_timers(std::int64_t limit = 100) {
    return World::must(world.as_engine().run(RunTimers{limit})).handled;
  }

  World world;
  AccountId app = world.bot();
  AccountId alice = world.user_of(app);
  AccountId bob = world.user();
  AccountId carol = world.user();
  EditionId rare = world.edition(10, 2);
};

TEST_F(WaitingTest, RefundReturnsEverythingOnce) {
  const GiftId first = buy(alice);
  buy(alice);
  EXPECT_EQ(refusal(world.as(alice).run(RefundGift{first})), "forbidden");
  EXPECT_EQ(refusal(world.as_operator().run(RefundGift{GiftId(4)})), "gift_not_found");
  const auto refunded = world.as_operator().run(RefundGift{first});
  ASSERT_TRUE(refunded.ok());
  EXPECT_EQ(refunded->stars, Stars::whole(10));
  EXPECT_FALSE(refunded->passed_on);
  EXPECT_EQ(world.available(alice), 990);
  EXPECT_EQ(refusal(world.as_operator().run(RefundGift{first})), "already_refunded");
  EXPECT_EQ(world.edition_row(rare).left(), 1);
  EXPECT_FALSE(world.edition_row(rare).sold_out_at.is_set());
  EXPECT_EQ(world.count(EventKind::edition_returned), 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
  // Its number is given again, and the edition sells out again.
  EXPECT_EQ(world.find<market::Gift>(buy(bob))->serial, 1);
  EXPECT_EQ(world.count(EventKind::edition_sold_out), 2);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, RefundNeedsABuyerAndAHouseThatHasTheStars) {
  const GiftId of_alice = buy(alice);
  const GiftId of_bob = buy(bob);
  World::must(world.as_operator().run(market::EraseAccount{alice}));
  EXPECT_EQ(refusal(world.as_operator().run(RefundGift{of_alice})), "account_erased");
  World::must(world.as_operator().run(
      market::TransferStars{ledger::kHouse, carol, Stars::whole(15), Instant()}));
  EXPECT_EQ(refusal(world.as_operator().run(RefundGift{of_bob})), "insufficient_funds");
}

TEST_F(WaitingTest, RefundGivesReversibleStarsBackAsSuch) {
  const AccountId dave = world.user();
  world.fund(dave, 10, 1000);
  const GiftId gift = buy(dave);
  EXPECT_EQ(world.account(dave).reversible, Stars());
  World::must(world.as_operator().run(RefundGift{gift}));
  EXPECT_EQ(world.account(dave).reversible, Stars::whole(10));
  const GiftId again = buy(dave);
  world.advance_s(1001);
  World::must(world.as_operator().run(RefundGift{again}));
  EXPECT_EQ(world.account(dave).reversible, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, ReturnedStockGoesToWhoWaitsLongest) {
  const GiftId gift = buy(alice);
  buy(alice);
  EXPECT_EQ(join(bob), 1);
  EXPECT_EQ(join(carol), 2);
  const auto refunded = world.as_operator().run(RefundGift{gift});
  EXPECT_TRUE(refunded->passed_on);
  EXPECT_EQ(refusal(world.as(carol).send_gift(rare, carol)), "sold_out");
  EXPECT_TRUE(world.edition_row(rare).sold_out_at.is_set());
  EXPECT_EQ(world.count(EventKind::waitlist_turn), 1);
  EXPECT_EQ(world.count(EventKind::edition_returned), 0);
  const ReservationId turn = turn_of(bob);
  EXPECT_EQ(world.find<ledger::Reservation>(turn)->source, ReservationSource::waitlist);
  EXPECT_THAT(world.wrongs(), IsEmpty());
  // Bob lets it lapse: Carol is next. She declines: it is on sale again.
  world.clock.set(world.find<ledger::Reservation>(turn)->expires_at);
  EXPECT_EQ(run_timers(), 1);
  EXPECT_EQ(world.find<ledger::Reservation>(turn)->state, ReservationState::expired);
  World::must(world.as(carol).run(ReleaseReservation{turn_of(carol)}));
  EXPECT_EQ(world.count(EventKind::edition_returned), 1);
  EXPECT_EQ(world.edition_row(rare).left(), 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, WhoseTurnItIsBuysEvenAfterTheEnd) {
  const GiftId gift = buy(alice);
  buy(alice);
  join(bob);
  World::must(world.as_operator().run(RefundGift{gift}));
  market::UpdateEdition end;
  end.edition = rare;
  end.sale_ends_at = world.now();
  World::must(world.as_operator().run(end));
  const ReservationId turn = turn_of(bob);
  const auto bought = world.as(bob).run(use(turn, bob));
  ASSERT_TRUE(bought.ok());
  EXPECT_EQ(bought->serial, 1);
  EXPECT_EQ(world.find<ledger::Reservation>(turn)->gift, bought->gift);
  EXPECT_EQ(world.count(EventKind::edition_sold_out), 1);
  EXPECT_FALSE(world.executor.next_timer().is_set());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, WaitlistRefusesInTheDocumentedOrder) {
  market::EditionTerms terms = World::terms(10, 1);
  terms.per_account = 1;
  terms.premium_only = true;
  terms.sale_opens_at = world.in_s(10);
  terms.sale_ends_at = world.in_s(20);
  terms.account_age_s = 100;
  const EditionId hard = world.publish(terms);
  JoinWaitlist command{EditionId(1), AccountId(9)};
  const auto attempt = [&] { return world.as_operator().run(command); };
  EXPECT_EQ(refusal(attempt()), "account_not_found");
  const AccountId erased = world.user();
  World::must(world.as_operator().run(market::EraseAccount{erased}));
  command.account = erased;
  EXPECT_EQ(refusal(attempt()), "account_erased");
  command.account = alice;
  EXPECT_EQ(refusal(attempt()), "edition_not_found");
  command.edition = hard;
  EXPECT_EQ(refusal(attempt()), "sale_not_open");
  world.clock.set(terms.sale_ends_at);
  EXPECT_EQ(refusal(attempt()), "sale_ended");
  market::UpdateEdition longer;
  longer.edition = hard;
  longer.sale_ends_at = Instant();
  World::must(world.as_operator().run(longer));
  EXPECT_EQ(refusal(attempt()), "premium_required");
  for (const AccountId each : {alice, bob, carol}) {
    market::UpdateAccount premium;
    premium.account = each;
    premium.premium = true;
    World::must(world.as_operator().run(premium));
  }
  EXPECT_EQ(refusal(attempt()), "account_too_new");
  world.advance_s(100);
  EXPECT_EQ(refusal(attempt()), "still_on_sale");
  EXPECT_EQ(fact(attempt(), "left"), "1");
  World::must(world.as(alice).send_gift(hard, alice));
  EXPECT_EQ(refusal(attempt()), "account_limit_reached");
  command.account = bob;
  EXPECT_EQ(refusal(attempt()), "success");
  world.configure([](auto& settings) { settings.waitlist_max = 1; });
  EXPECT_EQ(refusal(attempt()), "already_waiting");
  command.account = carol;
  EXPECT_EQ(refusal(attempt()), "waitlist_full");
  EXPECT_EQ(refusal(world.as(carol).run(LeaveWaitlist{hard, bob})), "account_not_found");
  EXPECT_EQ(refusal(world.as(carol).run(LeaveWaitlist{hard, carol})), "waitlist_entry_not_found");
  EXPECT_EQ(refusal(world.as(bob).run(LeaveWaitlist{hard, bob})), "success");
  EXPECT_EQ(refusal(attempt()), "success");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, RankCountsWhoIsStillThere) {
  buy(alice);
  buy(alice);
  join(alice);
  join(bob);
  const auto last = World::must(world.as(carol).run(JoinWaitlist{rare, carol}));
  EXPECT_EQ(last.position, 3);
  auto reader = world.executor.reader();
  EXPECT_EQ(market::rank_in_line(reader, rare, last.position), 3);
  World::must(world.as(alice).run(LeaveWaitlist{rare, alice}));
  EXPECT_EQ(market::rank_in_line(reader, rare, last.position), 2);
  World::must(world.as(alice).run(JoinWaitlist{rare, alice}));
  EXPECT_EQ(market::rank_in_line(reader, rare, 4), 3);
}

TEST_F(WaitingTest, ReservationsKeepStockAndCount) {
  market::EditionTerms terms = World::terms(10, 3);
  terms.per_account = 2;
  const EditionId capped = world.publish(terms);
  const auto kept = World::must(world.as_app(app).run(ReserveGift{capped, alice, {}}));
  EXPECT_EQ(kept.expires_at, world.now().plus(Duration::seconds(600)));
  World::must(world.as(alice).send_gift(capped, bob));
  EXPECT_EQ(refusal(world.as(alice).send_gift(capped, bob)), "account_limit_reached");
  EXPECT_EQ(refusal(world.as_app(app).run(ReserveGift{capped, alice, {}})),
            "account_limit_reached");
  EXPECT_EQ(refusal(world.as_app(app).run(ReserveGift{capped, alice, 3601})),
            "amount_out_of_range");
  EXPECT_EQ(refusal(world.as(alice).run(ReserveGift{capped, alice, {}})), "forbidden");
  EXPECT_EQ(refusal(world.as_app(app).run(ReserveGift{capped, bob, {}})), "account_not_found");
  EXPECT_EQ(refusal(world.as_app(app).run(ReserveGift{EditionId(5), alice, {}})),
            "edition_not_found");
  World::must(world.as(bob).send_gift(capped, bob));
  EXPECT_EQ(refusal(world.as(bob).send_gift(capped, bob)), "sold_out");
  EXPECT_FALSE(world.edition_row(capped).sold_out_at.is_set());
  EXPECT_THAT(world.wrongs(), IsEmpty());
  EXPECT_EQ(refusal(world.as(bob).run(ReleaseReservation{kept.reservation})),
            "reservation_not_found");
  world.clock.set(kept.expires_at);
  EXPECT_EQ(refusal(world.as(alice).run(ReleaseReservation{kept.reservation})),
            "reservation_closed");
  EXPECT_EQ(run_timers(), 1);
  EXPECT_EQ(world.count(EventKind::reservation_expired), 1);
  EXPECT_EQ(world.count(EventKind::edition_returned), 1);
  EXPECT_EQ(refusal(world.as(alice).send_gift(capped, bob)), "success");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, UseRefusesInTheDocumentedOrder) {
  const AccountId channel = world.channel();
  const ReservationId kept = reserve(alice, 600);
  UseReservation command = use(ReservationId(8), alice);
  command.to = AccountId(77);
  command.max_price = Stars::whole(1);
  command.provider = "shop";
  command.text = std::string(200, 'x');
  command.expires_at = World::kStart;
  const auto as_app = [&] { return world.as_app(app).run(command); };
  EXPECT_EQ(refusal(as_app()), "text_too_long");
  command.text = "for you";
  EXPECT_EQ(refusal(as_app()), "invalid_value");
  command.reference = "r1";
  EXPECT_EQ(refusal(as_app()), "command_expired");
  command.expires_at = Instant();
  EXPECT_EQ(refusal(as_app()), "reservation_not_found");
  command.reservation = kept;
  EXPECT_EQ(refusal(world.as(bob).run(command)), "reservation_not_found");
  command.from = bob;
  EXPECT_EQ(refusal(world.as_operator().run(command)), "reservation_not_found");
  command.from = alice;
  EXPECT_EQ(refusal(as_app()), "account_not_found");
  command.to = channel;
  EXPECT_EQ(refusal(as_app()), "limited_gift_to_channel");
  command.to = bob;
  EXPECT_EQ(refusal(as_app()), "price_increased");
  command.max_price = Stars::whole(10);
  EXPECT_EQ(refusal(world.as(alice).run(command)), "forbidden");
  world.configure([](auto& settings) { settings.stars_purchase_blocked = true; });
  EXPECT_EQ(refusal(as_app()), "forbidden");
  world.configure([](auto& settings) { settings.stars_purchase_blocked = false; });
  World::must(world.as_operator().run(market::ReportReversal{"shop", "r1", {}}));
  EXPECT_EQ(refusal(as_app()), "already_reversed");
  market::TopUp other;
  other.account = bob;
  other.stars = Stars::whole(1);
  other.provider = "shop";
  other.reference = "r2";
  World::must(world.as_operator().run(other));
  command.reference = "r2";
  EXPECT_EQ(refusal(as_app()), "reference_used");
  command.reference = "r3";
  command.reversible_until = world.in_s(50);
  const auto bought = as_app();
  ASSERT_TRUE(bought.ok());
  EXPECT_EQ(bought->reversible_until, command.reversible_until);  // not Alice's final Stars
  EXPECT_EQ(world.available(alice), 1000);
  EXPECT_EQ(world.account(alice).reversible, Stars());
  EXPECT_EQ(refusal(as_app()), "reservation_closed");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, APaymentForAGiftIsNotEatenByADebt) {
  const TopUpId paid = world.fund(alice, 10, 1000);
  World::must(
      world.as(alice).run(market::TransferStars{alice, bob, Stars::whole(1010), Instant()}));
  World::must(world.as_operator().run(market::ReverseTopUp{paid, {}}));
  UseReservation command = use(reserve(alice), alice);
  EXPECT_EQ(refusal(world.as(alice).run(command)), "insufficient_funds");
  command.provider = "shop";
  command.reference = "r";
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "account_in_debt");
}

TEST_F(WaitingTest, TimersAreHandledInOrderAndInBoundedSteps) {
  EXPECT_EQ(refusal(world.as_operator().run(RunTimers{})), "forbidden");
  EXPECT_EQ(refusal(world.as_engine().run(RunTimers{0})), "invalid_value");
  reserve(alice, 20);
  reserve(alice, 10);
  join(bob);
  join(carol);
  world.advance_s(30);
  const auto first = World::must(world.as_engine().run(RunTimers{1}));
  EXPECT_EQ(first.handled, 1);
  EXPECT_TRUE(first.more);
  EXPECT_TRUE(turn_of(bob).is_set());
  EXPECT_FALSE(turn_of(carol).is_set());
  EXPECT_EQ(run_timers(), 1);
  EXPECT_TRUE(turn_of(carol).is_set());
  EXPECT_THAT(world.wrongs(), IsEmpty());
  world.advance_s(10'000);
  join(alice);
  EXPECT_EQ(run_timers(), 2);  // one for Alice, one back on sale
  EXPECT_TRUE(turn_of(alice).is_set());
  EXPECT_EQ(world.edition_row(rare).left(), 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(WaitingTest, ErasingGivesPlacesAndReservationsUp) {
  const ReservationId kept = reserve(alice, 600);
  buy(bob);
  join(alice);
  join(carol);
  World::must(world.as_app(app).run(market::EraseAccount{alice}));
  EXPECT_EQ(refusal(world.as_app(app).run(use(kept, alice))), "account_erased");
  EXPECT_EQ(world.edition_row(rare).waiting, 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
  EXPECT_EQ(run_timers(), 1);
  EXPECT_TRUE(turn_of(carol).is_set());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

}  // namespace
}  // namespace stardrop::test
