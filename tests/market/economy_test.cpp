// Random economies: whatever people do, in whatever order, the books stay right.
#include <map>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "tests/support/world.h"

namespace stardrop::test {
namespace {

constexpr int kSteps = 400;

/// A small crowd that does everything there is, drawn from a seed.
class Economy {
 public:
  explicit Economy(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 4; ++i) people_.push_back(world.user());
    for (const std::int64_t supply : {3, 6}) {
      market::EditionTerms terms = World::terms(10, supply);
      if (supply == 6) terms.per_account = 2;
      editions_.push_back(world.publish(terms));
    }
    editions_.push_back(world.edition(7));
  }

  void step() {
    switch (random_.below(14)) {
      case 0:
      case 1: return top_up();
      case 2: return reverse();
      case 3: return give();
      case 4: return give_back();
      case 5: return hold();
      case 6: return end_hold();
      case 7:
      case 8: return buy();
      case 9: return refund();
      case 10: return reserve();
      case 11: return end_reservation();
      case 12: return wait();
      default: return pass_time();
    }
  }

  World world;
  std::map<std::string, int> successes;

 private:
  template <class T>
  T pick(const std::vector<T>& from) {
    return from[random_.below(from.size())];
  }
  AccountId person() { return pick(people_); }
  Stars some() { return Stars::whole(static_cast<std::int64_t>(1 + random_.below(40))); }
  /// Where nothing of the answer is needed.
  template <class Command>
  void attempt(Command command) {
    static_cast<void>(run(std::move(command)));
  }
  template <class Command>
  auto run(Command command) {
    auto result = world.as_operator().run(std::move(command));
    if (result.ok()) ++successes[std::string(Command::kName)];
    if (!result.ok()) {
      EXPECT_NE(result.error().code(), ErrorCode::internal) << Command::kName;
    }
    return result;
  }

  void top_up() {
    market::TopUp command;
    command.account = person();
    command.stars = some();
    command.provider = "shop";
    command.reference = std::to_string(++references_);
    if (random_.below(3) > 0) {
      command.reversible_until = world.in_s(static_cast<std::int64_t>(10 + random_.below(200)));
    }
    const auto booked = run(command);
    if (booked) top_ups_.push_back(booked->id);
  }

  /// Nobody but whoever bought the Stars may have less afterwards.
  void reverse() {
    if (top_ups_.empty()) return;
    market::ReverseTopUp command;
    command.top_up = pick(top_ups_);
    if (random_.below(2) == 0) command.stars = some();
    std::map<AccountId, ledger::Account> before;
    for (const AccountId id : people_) before[id] = world.account(id);
    const auto reversed = run(command);
    if (!reversed) return;
    EXPECT_EQ(reversed->recovered.units() + reversed->owed.units(), reversed->reversed.units());
    for (const AccountId id : people_) {
      const ledger::Account after = world.account(id);
      EXPECT_EQ(after.held, before[id].held);
      if (id == reversed->account) {
        EXPECT_EQ(after.posted.units(), before[id].posted.units() - reversed->recovered.units());
        EXPECT_EQ(after.owed.units(), before[id].owed.units() + reversed->owed.units());
      } else {
        EXPECT_EQ(after.posted, before[id].posted);
        EXPECT_EQ(after.owed, before[id].owed);
      }
    }
  }

  void give() {
    const auto given = run(market::TransferStars{person(), person(), some(), Instant()});
    if (given) transfers_.push_back(given->transfer);
  }
  void give_back() {
    if (!transfers_.empty()) attempt(market::RefundTransfer{pick(transfers_)});
  }
  void hold() {
    market::PlaceHold command;
    command.account = person();
    command.stars = some();
    command.expires_at = world.in_s(static_cast<std::int64_t>(1 + random_.below(100)));
    const auto held = run(command);
    if (held) holds_.push_back(held->hold);
  }
  void end_hold() {
    if (holds_.empty()) return;
    if (random_.below(2) == 0) {
      attempt(market::ReleaseHold{pick(holds_)});
      return;
    }
    market::CaptureHold command;
    command.hold = pick(holds_);
    command.to = random_.below(4) == 0 ? ledger::kHouse : person();
    if (random_.below(2) == 0) command.stars = some();
    const auto captured = run(command);
    if (captured) transfers_.push_back(captured->transfer);
  }
  void buy() {
    market::SendGift command;
    command.edition = pick(editions_);
    command.from = person();
    command.to = person();
    command.max_price = Stars::whole(100);
    const auto bought = run(command);
    if (bought) gifts_.push_back(bought->gift);
  }
  void refund() {
    if (!gifts_.empty()) attempt(market::RefundGift{pick(gifts_)});
  }
  void reserve() {
    market::ReserveGift command;
    command.edition = pick(editions_);
    command.account = person();
    command.seconds = static_cast<std::int64_t>(1 + random_.below(100));
    attempt(command);
  }
  void end_reservation() {
    std::vector<ledger::OpenReservation> open;
    world.executor.state().table<ledger::OpenReservation>().for_each(
        [&](const ledger::OpenReservation& row) { open.push_back(row); });
    if (open.empty()) return;
    const ledger::OpenReservation chosen = pick(open);
    if (random_.below(3) == 0) {
      attempt(market::ReleaseReservation{chosen.reservation});
      return;
    }
    market::UseReservation command;
    command.reservation = chosen.reservation;
    command.from = chosen.account;
    command.to = person();
    command.max_price = Stars::whole(100);
    if (random_.below(2) == 0) {
      command.provider = "shop";
      command.reference = std::to_string(++references_);
      command.reversible_until = world.in_s(50);
    }
    const auto bought = run(command);
    if (!bought) return;
    gifts_.push_back(bought->gift);
    if (bought->top_up.is_set()) top_ups_.push_back(bought->top_up);
  }
  void wait() {
    const EditionId edition = pick(editions_);
    const AccountId who = person();
    if (random_.below(4) == 0) {
      attempt(market::LeaveWaitlist{edition, who});
    } else {
      attempt(market::JoinWaitlist{edition, who});
    }
  }
  void pass_time() {
    world.advance_s(static_cast<std::int64_t>(random_.below(40)));
    const auto limit = static_cast<std::int64_t>(1 + random_.below(5));
    World::must(world.as_engine().run(market::RunTimers{limit}));
  }

  Random random_;
  std::vector<AccountId> people_;
  std::vector<EditionId> editions_;
  std::vector<TopUpId> top_ups_;
  std::vector<TransferId> transfers_;
  std::vector<HoldId> holds_;
  std::vector<GiftId> gifts_;
  int references_ = 0;
};

class EconomyTest : public testing::TestWithParam<std::uint64_t> {};

TEST_P(EconomyTest, TheBooksStayRight) {
  Economy economy(GetParam());
  for (int i = 0; i < kSteps; ++i) {
    economy.step();
    if (i % 20 == 19) {
      ASSERT_THAT(economy.world.wrongs(), testing::IsEmpty()) << "step " << i;
    }
    ASSERT_FALSE(HasFailure()) << "step " << i;
  }
  EXPECT_EQ(economy.world.executor.violations(), 0U);
  // The draw reaches every kind of event; else this test shows nothing.
  EXPECT_GE(economy.successes.size(), 11U) << testing::PrintToString(economy.successes);
}

INSTANTIATE_TEST_SUITE_P(Seeds, EconomyTest, testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace stardrop::test
