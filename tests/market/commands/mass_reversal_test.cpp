// A provider takes ten thousand payments back at once: nobody but the payers loses a Star.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using testing::IsEmpty;

constexpr std::int64_t kPayers = 100;
constexpr std::int64_t kPaymentsEach = 100;
constexpr std::int64_t kStarsEach = 10;

market::ReportReversal reversal(std::int64_t payer, std::int64_t payment) {
  market::ReportReversal out;
  out.provider = "store";
  out.reference = std::to_string(payer) + '/' + std::to_string(payment);
  return out;
}

class MassReversalTest : public testing::Test {
 protected:
  MassReversalTest() {
    for (std::int64_t i = 0; i < kPayers; ++i) {
      payers.push_back(world.user());
      for (std::int64_t k = 0; k < kPaymentsEach; ++k) {
        market::TopUp paid;
        paid.account = payers.back();
        paid.stars = Stars::whole(kStarsEach);
        paid.provider = "store";
        paid.reference = reversal(i, k).reference;
        World::must(world.as_operator().run(paid));
      }
      // The i-th has spent i Stars of every hundred.
      if (i == 0) continue;
      World::must(world.as(payers.back())
                      .run(market::TransferStars{payers.back(), bystander,
                                                 Stars::whole(i * kStarsEach), Instant()}));
    }
  }

  World world;
  AccountId bystander = world.user();
  std::vector<AccountId> payers;
};

TEST_F(MassReversalTest, LeavesEverybodyElseWhatTheyHave) {
  const std::int64_t spent = kStarsEach * kPayers * (kPayers - 1) / 2;
  ASSERT_EQ(world.available(bystander), spent);
  std::int64_t reversed = 0;
  std::int64_t recovered = 0;
  std::int64_t owed = 0;
  // Round after round, so that everybody's payments are taken back in turn.
  for (std::int64_t k = 0; k < kPaymentsEach; ++k) {
    for (std::int64_t i = 0; i < kPayers; ++i) {
      const auto reply = World::must(world.as_operator().run(reversal(i, k)));
      ASSERT_FALSE(reply.already);
      reversed += reply.reversed.whole_part();
      recovered += reply.recovered.whole_part();
      owed += reply.owed.whole_part();
      ASSERT_EQ(reply.reversed.units(), reply.recovered.units() + reply.owed.units());
    }
  }
  const std::int64_t paid = kPayers * kPaymentsEach * kStarsEach;
  EXPECT_EQ(reversed, paid);
  EXPECT_EQ(recovered, paid - spent);
  EXPECT_EQ(owed, spent);
  EXPECT_EQ(world.available(bystander), spent) << "who was paid in good faith keeps it";
  for (std::int64_t i = 0; i < kPayers; ++i) {
    const ledger::Account row = world.account(payers[static_cast<std::size_t>(i)]);
    EXPECT_EQ(row.posted, Stars());
    EXPECT_EQ(row.owed, Stars::whole(i * kStarsEach));
  }
  // What is in circulation is what the bystander has; it is owed to the issuer in full.
  EXPECT_EQ(world.account(ledger::kIssuer).posted, Stars());
  EXPECT_EQ(world.account(ledger::kReceivables).posted, Stars::whole(-spent));
  EXPECT_EQ(world.count(market::EventKind::top_up_reversed), kPayers * kPaymentsEach)
      << "each is told, so that an alarm can count them";
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(MassReversalTest, MayBeReportedTwice) {
  for (int time = 0; time < 2; ++time) {
    for (std::int64_t i = 0; i < kPayers; ++i) {
      for (std::int64_t k = 0; k < kPaymentsEach; k += 10) {
        const auto reply = World::must(world.as_operator().run(reversal(i, k)));
        ASSERT_EQ(reply.already, time == 1);
        ASSERT_EQ(reply.reversed, time == 1 ? Stars() : Stars::whole(kStarsEach));
      }
    }
  }
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

}  // namespace
}  // namespace stardrop::test
