// The explanation of availability agrees with what a purchase would say, rule by rule.
#include "market/rules/availability.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/ids.h"
#include "market/rules/alternatives.h"

namespace stardrop::test {
namespace {

using ledger::Edition;
using market::AvailabilityQuestion;
using market::RuleState;

class AvailabilityTest : public testing::Test {
 protected:
  AvailabilityTest() {
    edition.id = EditionId(7);
    edition.stars = Stars::whole(10);
    edition.supply = 100;
    // Made at the epoch of ids, 2024-01-01T00:00:00Z.
    buyer.id = AccountId(1000);
    buyer.posted = Stars::whole(10);
  }
  std::vector<RuleState> explain() const {
    return market::explain_availability({.edition = edition,
                                         .settings = settings,
                                         .now = now,
                                         .buyer = &buyer,
                                         .tally = &tally,
                                         .receiver = &receiver});
  }
  /// The first refusal, empty if it is available.
  std::string first_code() const {
    const auto rules = explain();
    const auto bad = std::ranges::find(rules, false, &RuleState::ok);
    return bad == rules.end() ? "" : bad->code;
  }
  RuleState rule(std::string_view name) const {
    const auto rules = explain();
    const auto found = std::ranges::find(rules, name, &RuleState::rule);
    return found == rules.end() ? RuleState() : *found;
  }

  Edition edition;
  ledger::Account buyer;
  ledger::Account receiver;
  ledger::Tally tally;
  market::RuleSettings settings;
  Instant now{ledger::made_ms(AccountId(1000)) * 1000 + 500'000'000};
};

TEST_F(AvailabilityTest, APlainSaleIsAvailable) {
  EXPECT_TRUE(market::is_available(explain()));
  EXPECT_EQ(rule("stock").value, "100");
  EXPECT_EQ(rule("balance").value, "10");
  EXPECT_EQ(rule("sale_opens").rule, "");
}

TEST_F(AvailabilityTest, EachRuleHasItsCodeInTheOrderOfAPurchase) {
  settings.stargifts_blocked = true;
  receiver.kind = ledger::AccountKind::channel;
  edition.sale_opens_at = now.plus(Duration::seconds(10));
  edition.sale_ends_at = now.plus(Duration::seconds(20));
  edition.premium_only = true;
  edition.account_age_s = 1000;
  edition.sold = 60;
  edition.reserved = 40;
  edition.per_account = 2;
  tally.bought = 1;
  tally.reserved = 1;
  buyer.held = Stars::whole(1);
  EXPECT_EQ(first_code(), "forbidden");
  settings.stargifts_blocked = false;
  EXPECT_EQ(first_code(), "limited_gift_to_channel");
  receiver.kind = ledger::AccountKind::user;
  EXPECT_EQ(first_code(), "sale_not_open");
  EXPECT_EQ(rule("sale_opens").changes_at, edition.sale_opens_at);
  EXPECT_EQ(rule("sale_ends").changes_at, edition.sale_ends_at);
  now = edition.sale_ends_at;
  EXPECT_EQ(first_code(), "sale_ended");
  EXPECT_FALSE(rule("sale_ends").changes_at.is_set());
  edition.sale_ends_at = Instant();
  EXPECT_EQ(first_code(), "premium_required");
  buyer.premium = true;
  EXPECT_EQ(first_code(), "account_too_new");
  EXPECT_EQ(rule("account_age").changes_at,
            (Instant{ledger::made_ms(buyer.id) * 1000}.plus(Duration::seconds(1000))));
  now = rule("account_age").changes_at;
  EXPECT_EQ(first_code(), "sold_out");
  edition.reserved = 39;
  EXPECT_EQ(first_code(), "account_limit_reached");
  tally.reserved = 0;
  EXPECT_EQ(first_code(), "insufficient_funds");
  buyer.held = Stars();
  EXPECT_EQ(first_code(), "");
}

TEST_F(AvailabilityTest, OlderAccountsSeeTheirOwnOpening) {
  edition.sale_opens_at = now.plus(Duration::seconds(100));
  edition.early_opens_at = now.plus(Duration::seconds(50));
  edition.early_account_age_s = 1;
  EXPECT_EQ(rule("sale_opens").changes_at, edition.early_opens_at);
  edition.early_account_age_s = 1'000'000;
  EXPECT_EQ(rule("sale_opens").changes_at, edition.sale_opens_at);
}

TEST_F(AvailabilityTest, WithoutABuyerOnlyTheSaleIsJudged) {
  edition.premium_only = true;
  edition.account_age_s = 1'000'000;
  edition.per_account = 1;
  const auto rules =
      market::explain_availability({.edition = edition, .settings = settings, .now = now});
  EXPECT_TRUE(market::is_available(rules));
  EXPECT_THAT(rules, testing::SizeIs(5));
}

class AlternativesTest : public testing::Test {
 protected:
  Edition make(std::int64_t id, std::int64_t stars, std::vector<std::string> tags) {
    Edition edition;
    edition.id = EditionId(id);
    edition.stars = Stars::whole(stars);
    edition.tags = std::move(tags);
    return edition;
  }
  Instant now{1'000'000};
};

TEST_F(AlternativesTest, SharedTagsThenNearPricesThenAge) {
  const Edition wanted = make(1, 100, {"sweet", "red"});
  const Edition both = make(2, 10'000, {"red", "sweet"});
  const Edition near = make(3, 110, {"sweet"});
  const Edition far = make(4, 30, {"sweet"});
  const Edition older = make(5, 100, {});
  const Edition newer = make(6, 100, {});
  EXPECT_THAT(market::alternatives_to(wanted, {&newer, &older, &far, &near, &both, &wanted}, now),
              testing::ElementsAre(both.id, near.id, far.id));
  EXPECT_THAT(market::alternatives_to(wanted, {&newer, &older}, now),
              testing::ElementsAre(older.id, newer.id));
}

TEST_F(AlternativesTest, OnlyWhatIsOnSale) {
  const Edition wanted = make(1, 100, {});
  Edition sold_out = make(2, 100, {});
  sold_out.supply = 1;
  sold_out.sold = 1;
  Edition ended = make(3, 100, {});
  ended.sale_ends_at = now;
  Edition later = make(4, 100, {});
  later.sale_opens_at = {now.us + 1};
  Edition premium = make(5, 100, {});
  premium.premium_only = true;
  EXPECT_THAT(market::alternatives_to(wanted, {&sold_out, &ended, &later, &premium}, now),
              testing::IsEmpty());
  now = later.sale_opens_at;
  EXPECT_THAT(market::alternatives_to(wanted, {&later}, now), testing::ElementsAre(later.id));
}

}  // namespace
}  // namespace stardrop::test
