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

// Everything is wrong at first; each step mends what the refusal before it named.
TEST_F(SendGiftTest, RefusesInTheDocumentedOrder) {
  const AccountId channel = world.channel();
  const AccountId erased = world.user();
  World::must(world.as_operator().run(market::EraseAccount{erased}));
  market::EditionTerms terms = World::terms(50, 2);
  terms.per_account = 1;
  terms.premium_only = true;
  terms.sale_opens_at = world.in_s(100);
  terms.sale_ends_at = world.in_s(200);
  terms.account_age_s = 150;
  const EditionId hard = world.publish(terms);
  world.configure([](auto& settings) { settings.stargifts_blocked = true; });

  SendGift command;
  command.text = std::string(129, 'a');
  command.expires_at = World::kStart;
  command.max_price = Stars::whole(1);
  const auto attempt = [&] { return world.as_operator().run(command); };

  EXPECT_EQ(refusal(attempt()), "forbidden");
  world.configure([](auto& settings) { settings.stargifts_blocked = false; });
  EXPECT_EQ(refusal(attempt()), "text_too_long");
  command.text = "\x07";
  EXPECT_EQ(refusal(attempt()), "text_invalid");
  command.text = "hi";
  EXPECT_EQ(refusal(attempt()), "command_expired");
  command.expires_at = Instant();
  EXPECT_EQ(refusal(attempt()), "account_not_found");
  command.from = erased;
  EXPECT_EQ(refusal(attempt()), "account_erased");
  command.from = ledger::kHouse;
  EXPECT_EQ(refusal(attempt()), "same_account");
  command.from = alice;
  EXPECT_EQ(refusal(attempt()), "account_not_found");
  command.to = erased;
  EXPECT_EQ(refusal(attempt()), "account_erased");
  command.to = channel;
  EXPECT_EQ(refusal(attempt()), "edition_not_found");
  command.edition = hard;
  EXPECT_EQ(refusal(attempt()), "limited_gift_to_channel");
  command.to = bob;
  EXPECT_EQ(refusal(attempt()), "sale_not_open");
  EXPECT_EQ(fact(attempt(), "available_at"), rfc3339(terms.sale_opens_at));
  world.clock.set(terms.sale_ends_at);
  EXPECT_EQ(refusal(attempt()), "sale_ended");
  market::UpdateEdition longer;
  longer.edition = hard;
  longer.sale_ends_at = Instant();
  longer.account_age_s = 1000;
  World::must(world.as_operator().run(longer));
  EXPECT_EQ(refusal(attempt()), "premium_required");
  market::UpdateAccount premium;
  premium.account = alice;
  premium.premium = true;
  World::must(world.as_operator().run(premium));
  EXPECT_EQ(refusal(attempt()), "account_too_new");
  world.advance_s(1000);
  const AccountId rich = world.user("", true);
  market::ReserveGift reserve{hard, alice, 3600};
  const auto kept = World::must(world.as_operator().run(reserve));
  world.advance_s(1001);
  const auto other = World::must(world.as_operator().run(market::ReserveGift{hard, rich, 3600}));
  EXPECT_EQ(refusal(attempt()), "sold_out");
  EXPECT_EQ(fact(attempt(), "supply"), "2");
  EXPECT_EQ(fact(attempt(), "first_sale_at"), "");
  World::must(world.as_operator().run(market::ReleaseReservation{other.reservation}));
  EXPECT_EQ(refusal(attempt()), "account_limit_reached");
  World::must(world.as_operator().run(market::ReleaseReservation{kept.reservation}));
  EXPECT_EQ(refusal(attempt()), "price_increased");
  command.max_price = Stars::whole(50);
  EXPECT_EQ(refusal(attempt()), "insufficient_funds");
  world.fund(alice, 50);
  EXPECT_EQ(refusal(attempt()), "success");
  EXPECT_EQ(refusal(attempt()), "account_limit_reached");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(SendGiftTest, OthersAccountsAreNotThere) {
  world.fund(alice, 100);
  EXPECT_EQ(refusal(world.as(bob).run(to(bob))), "account_not_found");
  EXPECT_EQ(refusal(world.as_app(world.bot()).run(to(bob))), "account_not_found");
}

TEST_F(SendGiftTest, UnlimitedGiftsHaveNoNumberAndReachChannels) {
  const AccountId channel = world.channel();
  const EditionId endless = world.edition(5);
  world.fund(alice, 10);
  const auto gift = world.as(alice).send_gift(endless, channel);
  ASSERT_TRUE(gift.ok());
  EXPECT_EQ(gift->serial, 0);
  EXPECT_FALSE(world.edition_row(endless).sold_out());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(SendGiftTest, SaysUntilWhenItsPaymentCanBeTakenBack) {
  world.fund(alice, 25);
  world.fund(alice, 25, 100);
  const Instant until = world.find<ledger::Lots>(alice)->open.front().reversible_until;
  EXPECT_EQ(world.as(alice).run(to(bob))->reversible_until, Instant());  // final Stars go first
  EXPECT_EQ(world.as(alice).run(to(bob))->reversible_until, until);
  EXPECT_EQ(world.account(alice).reversible, Stars());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(SendGiftTest, OlderAccountsBeginEarlier) {
  market::EditionTerms terms = World::terms(1, 10);
  terms.early_opens_at = world.in_s(100);
  terms.early_account_age_s = 150;
  terms.sale_opens_at = world.in_s(200);
  const EditionId drop = world.publish(terms);
  world.fund(alice, 10);
  world.clock.set(World::kStart.plus(Duration::seconds(149)));
  EXPECT_EQ(refusal(world.as(alice).send_gift(drop, bob)), "sale_not_open");
  world.clock.set(World::kStart.plus(Duration::seconds(151)));
  EXPECT_EQ(refusal(world.as(alice).send_gift(drop, bob)), "success");
}

}  // namespace
}  // namespace stardrop::test
