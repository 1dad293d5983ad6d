// Arithmetic of lots.
#include "ledger/lots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stardrop::ledger {
namespace {

using testing::ElementsAre;

Lot lot(std::int64_t top_up, std::int64_t stars, std::int64_t until) {
  return {TopUpId(top_up), Stars::whole(stars), Instant{until}};
}

TEST(Lots, StayInTheOrderInWhichTheyBecomeFinal) {
  Lots lots;
  lots.add(lot(1, 5, 30));
  lots.add(lot(3, 5, 10));
  lots.add(lot(2, 5, 10));
  EXPECT_THAT(lots.open, ElementsAre(lot(2, 5, 10), lot(3, 5, 10), lot(1, 5, 30)));
}

TEST(Lots, OfOnePaymentAreJoinedAndNeverEndSooner) {
  Lots lots;
  lots.add(lot(1, 5, 10));
  lots.add(lot(2, 5, 20));
  lots.add(lot(1, 2, 30));
  EXPECT_THAT(lots.open, ElementsAre(lot(2, 5, 20), lot(1, 7, 30)));
  lots.add(lot(1, 1, 5));
  EXPECT_THAT(lots.open, ElementsAre(lot(2, 5, 20), lot(1, 8, 30)));
}

TEST(Lots, WithoutRoomAreJoinedWithOneThatEndsNoSooner) {
  Lots lots;
  for (std::size_t i = 0; i < kLotsMax; ++i) {
    const auto n = static_cast<std::int64_t>(i) + 1;
    lots.add(lot(n, 1, 10 * n));
  }
  lots.add(lot(900, 4, 15));
  EXPECT_EQ(lots.open[1], lot(2, 5, 20));
  lots.add(lot(901, 4, 10'000));
  EXPECT_EQ(lots.open.back(), lot(static_cast<std::int64_t>(kLotsMax), 5, 10'000));
  EXPECT_EQ(lots.open.size(), kLotsMax);
}

TEST(Lots, MatureAtTheirVeryMoment) {
  Lots lots;
  lots.add(lot(1, 5, 10));
  lots.add(lot(2, 7, 20));
  EXPECT_EQ(lots.mature(Instant{9}), Stars());
  EXPECT_EQ(lots.mature(Instant{10}), Stars::whole(5));
  EXPECT_THAT(lots.open, ElementsAre(lot(2, 7, 20)));
}

TEST(Lots, AreTakenSoonestFirst) {
  Lots lots;
  lots.add(lot(1, 5, 10));
  lots.add(lot(2, 7, 20));
  EXPECT_THAT(lots.take(Stars::whole(8)), ElementsAre(lot(1, 5, 10), lot(2, 3, 20)));
  EXPECT_THAT(lots.open, ElementsAre(lot(2, 4, 20)));
}

TEST(Lots, AreTakenByName) {
  Lots lots;
  lots.add(lot(1, 5, 10));
  lots.add(lot(2, 7, 20));
  EXPECT_EQ(lots.take_from(TopUpId(2), Stars::whole(3)), lot(2, 3, 20));
  EXPECT_EQ(lots.take_from(TopUpId(2), Stars::whole(9)), lot(2, 4, 20));
  EXPECT_EQ(lots.take_from(TopUpId(2), Stars::whole(1)).stars, Stars());
  EXPECT_THAT(lots.open, ElementsAre(lot(1, 5, 10)));
}

}  // namespace
}  // namespace stardrop::ledger
