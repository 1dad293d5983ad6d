// Slices: a node sells its part of an edition, and whoever needs to know or to have more calls it
// in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using ledger::StockSlice;
using market::EventKind;
using market::LeaseStock;
using market::SettleStock;
using testing::IsEmpty;

class StockSlicesTest : public testing::Test {
 protected:
  StockSlicesTest() { world.fund(alice, 100'000); }

  Result<LeaseStock::Reply> lease(std::int64_t lane, std::int64_t least = 1) {
    return world.as_engine().run(LeaseStock{drop, lane, least, 2});
  }
  Result<SettleStock::Reply> settle(bool whole, std::optional<std::int64_t> lane = std::nullopt) {
    return world.as_engine().run(SettleStock{drop, lane, whole});
  }
  std::int64_t buy() { return World::must(world.as(alice).send_gift(drop, alice)).serial; }
  /// What lane 0, which is the world's, and others have.
  std::optional<StockSlice> slice(std::int64_t lane) {
    return world.find<StockSlice>({drop.value(), lane});
  }
  ledger::Edition row() { return world.edition_row(drop); }

  World world;
  AccountId alice = world.user("Alice");
  EditionId drop = world.edition(10, 100);
};

TEST_F(StockSlicesTest, ASaleTouchesTheSliceAlone) {
  EXPECT_EQ(buy(), 1);
  const auto leased = lease(0);
  ASSERT_TRUE(leased.ok());
  EXPECT_EQ(leased->first, 2);
  EXPECT_EQ(leased->last, 25);  // half of 99 for two nodes
  const ledger::Edition before = row();
  EXPECT_EQ(before.leased, 24);
  EXPECT_EQ(buy(), 2);
  EXPECT_EQ(buy(), 3);
  EXPECT_EQ(row().version, before.version);
  EXPECT_EQ(slice(0)->sold(), 2);
  EXPECT_THAT(world.wrongs(), IsEmpty());
  // Readers see what was sold, wherever.
  const ledger::Edition seen = ledger::with_slices(row(), std::vector{*slice(0)});
  EXPECT_EQ(seen.sold, 3);
  EXPECT_EQ(seen.left(), 97);
  EXPECT_EQ(seen.last_sale_at, slice(0)->last_sale_at);
}

TEST_F(StockSlicesTest, LeaseStockRefusesInTheDocumentedOrder) {
  EXPECT_EQ(refusal(world.as_operator().run(LeaseStock{EditionId(4), 0, 1, 1})), "forbidden");
  EXPECT_EQ(refusal(world.as_engine().run(LeaseStock{EditionId(4), 0, 1, 1})), "edition_not_found");
  ASSERT_TRUE(lease(0).ok());
  EXPECT_EQ(refusal(lease(0)), "still_on_sale");
  // Of what is left, a slice would be no more than two batches.
  EXPECT_EQ(refusal(lease(1, 10)), "sold_out");
  EXPECT_TRUE(lease(1, 9).ok());
  EXPECT_EQ(refusal(world.as_operator().run(SettleStock{EditionId(4)})), "forbidden");
  EXPECT_EQ(refusal(world.as_engine().run(SettleStock{EditionId(4)})), "edition_not_found");
}

TEST_F(StockSlicesTest, ASoldSliceIsSettledByTheNextOrByItself) {
  ASSERT_TRUE(lease(0).ok());
  for (int i = 0; i < 25; ++i) buy();
  EXPECT_EQ(slice(0)->unsold(), 0);
  // One that is sold from the edition's row, then a new slice.
  EXPECT_EQ(buy(), 26);
  const auto next = lease(0);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->first, 27);
  EXPECT_EQ(row().sold, 26);
  while (slice(0)->unsold() > 0) buy();
  ASSERT_TRUE(world.executor.tidy(true).ok());
  EXPECT_FALSE(slice(0).has_value());
  EXPECT_EQ(row().leased, 0);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, WhoRunsDryCallsTheOthersIn) {
  ASSERT_TRUE(lease(1).ok());
  ASSERT_TRUE(lease(2).ok());
  std::vector<std::int64_t> serials;
  for (int i = 0; i < 100; ++i) serials.push_back(buy());
  std::ranges::sort(serials);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(serials[static_cast<std::size_t>(i)], i + 1);
  EXPECT_EQ(refusal(world.as(alice).send_gift(drop, alice)), "sold_out");
  EXPECT_EQ(world.count(EventKind::edition_sold_out), 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, WhatReturnsFromTheTopWasNeverGiven) {
  ASSERT_TRUE(lease(1).ok());  // 1…25
  ASSERT_TRUE(lease(0).ok());  // 26…43
  EXPECT_EQ(buy(), 26);
  EXPECT_EQ(row().serials_used, 43);
  const auto settled = settle(true);
  ASSERT_TRUE(settled.ok());
  EXPECT_EQ(settled->sold, 1);
  EXPECT_EQ(settled->returned, 42);
  EXPECT_EQ(row().serials_used, 26);
  EXPECT_EQ(row().serials_free, 25);
  EXPECT_EQ(buy(), 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, ASliceOfANodeThatIsGoneComesBackAlone) {
  ASSERT_TRUE(lease(0).ok());
  ASSERT_TRUE(lease(1).ok());
  EXPECT_EQ(World::must(settle(true, 1)).returned, 18);
  EXPECT_TRUE(slice(0).has_value());
  EXPECT_FALSE(slice(1).has_value());
  EXPECT_EQ(World::must(settle(true, 1)).returned, 0);
  EXPECT_EQ(row().leased, 25);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, ALastSaleFromASliceIsFoundOutOnce) {
  const EditionId small = world.edition(10, 4);
  ASSERT_TRUE(world.as_engine().run(LeaseStock{small, 0, 1, 1}).ok());  // two
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(world.as(alice).send_gift(small, alice).ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(world.as(alice).send_gift(small, alice).ok());
  // All is sold; two of it the edition has not counted yet.
  EXPECT_FALSE(world.edition_row(small).sold_out());
  EXPECT_EQ(world.count(EventKind::edition_sold_out), 0);
  ASSERT_TRUE(world.executor.tidy(true).ok());
  EXPECT_TRUE(world.edition_row(small).sold_out());
  EXPECT_EQ(world.edition_row(small).sold_out_at, world.edition_row(small).last_sale_at);
  EXPECT_EQ(world.count(EventKind::edition_sold_out), 1);
  EXPECT_EQ(refusal(world.as(alice).send_gift(small, alice)), "sold_out");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, TermsChangeOnlyWhenNobodySellsByTheOldOnes) {
  ASSERT_TRUE(lease(0).ok());
  ASSERT_TRUE(lease(1).ok());
  buy();
  market::UpdateEdition dearer;
  dearer.edition = drop;
  dearer.stars = Stars::whole(20);
  ASSERT_TRUE(world.as_operator().run(dearer).ok());
  EXPECT_FALSE(slice(0).has_value());
  EXPECT_FALSE(slice(1).has_value());
  EXPECT_EQ(row().sold, 1);
  EXPECT_EQ(world.available(alice), 99'990);
  buy();
  EXPECT_EQ(world.available(alice), 99'970);
  // A catalogue that changes nothing needs to know as well.
  ASSERT_TRUE(lease(0).ok());
  market::ImportCatalog same;
  same.editions.push_back(market::EditionTerms::of(row()));
  ASSERT_TRUE(world.as_operator().run(same).ok());
  EXPECT_FALSE(slice(0).has_value());
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, RefundsAndWaitersCountWhatIsSold) {
  ASSERT_TRUE(lease(0).ok());
  const GiftId gift = World::must(world.as(alice).send_gift(drop, alice)).gift;
  EXPECT_EQ(row().sold, 0);
  ASSERT_TRUE(world.as_operator().run(market::RefundGift{gift}).ok());
  EXPECT_EQ(row().sold, 0);
  EXPECT_EQ(row().serials_free, 1);
  EXPECT_EQ(slice(0)->unsold(), 24);
  EXPECT_EQ(refusal(world.as(alice).run(market::JoinWaitlist{drop, alice})), "still_on_sale");
  EXPECT_THAT(world.wrongs(), IsEmpty());
  // Of a small edition all may be sold though its row says otherwise.
  const EditionId small = world.edition(10, 4);
  ASSERT_TRUE(world.as_engine().run(LeaseStock{small, 0, 1, 1}).ok());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(world.as(alice).send_gift(small, alice).ok());
  EXPECT_TRUE(world.as(alice).run(market::JoinWaitlist{small, alice}).ok());
  EXPECT_EQ(world.count(EventKind::edition_sold_out), 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, AReservationCallsInWhatItNeeds) {
  const EditionId small = world.edition(10, 4);
  ASSERT_TRUE(world.as_engine().run(LeaseStock{small, 1, 1, 1}).ok());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(world.as(alice).send_gift(small, alice).ok());
  EXPECT_EQ(world.edition_row(small).unleased(), 0);
  ASSERT_TRUE(world.as_operator().run(market::ReserveGift{small, alice, 60}).ok());
  EXPECT_EQ(world.edition_row(small).leased, 0);
  EXPECT_EQ(world.edition_row(small).reserved, 1);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, AnUnlimitedEditionHasThemWithoutNumbers) {
  drop = world.edition(10);
  const auto leased = lease(0);
  ASSERT_TRUE(leased.ok());
  EXPECT_EQ(leased->last, ledger::kSliceMax);
  EXPECT_EQ(buy(), 0);
  EXPECT_EQ(buy(), 0);
  EXPECT_THAT(world.wrongs(), IsEmpty());
  EXPECT_EQ(World::must(settle(true)).sold, 2);
  EXPECT_EQ(row().sold, 2);
  EXPECT_EQ(row().leased, 0);
  EXPECT_EQ(buy(), 0);
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(StockSlicesTest, ACapHoldsOverSlices) {
  market::EditionTerms terms = World::terms(10, 100);
  terms.per_account = 2;
  drop = world.publish(terms);
  buy();
  ASSERT_TRUE(lease(0).ok());
  buy();
  EXPECT_EQ(refusal(world.as(alice).send_gift(drop, alice)), "account_limit_reached");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

}  // namespace
}  // namespace stardrop::test
