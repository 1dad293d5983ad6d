// Publishing, changing and importing editions: what may change, and what was promised.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using market::EditionTerms;
using market::ImportCatalog;
using market::UpdateEdition;
using testing::IsEmpty;

class EditionTest : public testing::Test {
 protected:
  static EditionTerms named(std::string title, std::int64_t stars, std::optional<std::int64_t> n) {
    EditionTerms terms = World::terms(stars, n);
    terms.title = std::move(title);
    return terms;
  }
  Result<ImportCatalog::Reply> import(std::vector<EditionTerms> editions) {
    return world.as_operator().run(ImportCatalog{std::move(editions)});
  }

  World world;
  AccountId alice = world.user();
  EditionId rare = world.edition(10, 3);
};

TEST_F(EditionTest, OnlyTheOperatorPublishesAndChanges) {
  market::CreateEdition create;
  static_cast<EditionTerms&>(create) = named("Cake", 5, 10);
  EXPECT_EQ(refusal(world.as_app(world.bot()).run(create)), "forbidden");
  create.publisher = AccountId(9);
  EXPECT_EQ(refusal(world.as_operator().run(create)), "account_not_found");
  create.publisher = alice;
  EXPECT_EQ(world.as_operator().run(create)->slug, "cake");
  EXPECT_EQ(refusal(world.as_operator().run(create)), "slug_taken");
  EXPECT_EQ(refusal(world.as(alice).run(UpdateEdition{})), "forbidden");
  EXPECT_EQ(refusal(world.as_operator().run(UpdateEdition{})), "edition_not_found");
}

TEST_F(EditionTest, ChangesWhatIsGivenOnly) {
  UpdateEdition command;
  command.edition = rare;
  command.stars = Stars::whole(20);
  command.tags = std::vector<std::string>{"sweet"};
  const auto changed = world.as_operator().run(command);
  EXPECT_TRUE(changed->changed);
  EXPECT_EQ(changed->version, world.edition_row(rare).version);
  EXPECT_EQ(world.edition_row(rare).stars, Stars::whole(20));
  EXPECT_EQ(world.edition_row(rare).supply, 3);
  EXPECT_FALSE(world.as_operator().run(command)->changed);
  EXPECT_EQ(world.count(market::EventKind::edition_updated), 1);
}

TEST_F(EditionTest, TermsAreCheckedAsAWhole) {
  UpdateEdition command;
  command.edition = rare;
  command.convert_stars = Stars::whole(11);
  EXPECT_EQ(refusal(world.as_operator().run(command)), "amount_out_of_range");
  command.convert_stars.reset();
  command.sale_opens_at = world.in_s(20);
  command.sale_ends_at = world.in_s(10);
  EXPECT_EQ(refusal(world.as_operator().run(command)), "window_invalid");
  command.sale_ends_at.reset();
  command.title = "";
  EXPECT_EQ(refusal(world.as_operator().run(command)), "text_invalid");
}

TEST_F(EditionTest, SupplyShrinksToWhatIsGoneAndNeverGrows) {
  world.fund(alice, 100);
  World::must(world.as(alice).send_gift(rare, alice));
  World::must(world.as_operator().run(market::ReserveGift{rare, alice, {}}));
  UpdateEdition command;
  command.edition = rare;
  for (const std::int64_t refused : {4, 1}) {
    command.supply = refused;
    EXPECT_EQ(refusal(world.as_operator().run(command)), "amount_out_of_range");
  }
  EXPECT_EQ(fact(world.as_operator().run(command), "min"), "2");
  command.supply = 2;
  EXPECT_EQ(refusal(world.as_operator().run(command)), "success");
  EXPECT_TRUE(world.edition_row(rare).sold_out());
  const EditionId endless = world.edition(5);
  command.edition = endless;
  EXPECT_EQ(refusal(world.as_operator().run(command)), "amount_out_of_range");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(EditionTest, ShrinkingToWhatIsSoldIsTheEnd) {
  world.fund(alice, 100);
  World::must(world.as(alice).send_gift(rare, alice));
  const auto gift = World::must(world.as(alice).send_gift(rare, alice));
  UpdateEdition command;
  command.edition = rare;
  command.supply = 2;
  World::must(world.as_operator().run(command));
  EXPECT_EQ(world.count(market::EventKind::edition_sold_out), 1);
  EXPECT_TRUE(world.edition_row(rare).sold_out_at.is_set());
  // A number that was given stays possible.
  World::must(world.as_operator().run(market::RefundGift{gift.gift}));
  command.supply = 1;
  EXPECT_EQ(refusal(world.as_operator().run(command)), "amount_out_of_range");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(EditionTest, ACapComesBeforeTheFirstSaleAndStays) {
  UpdateEdition command;
  command.edition = rare;
  world.fund(alice, 100);
  World::must(world.as(alice).send_gift(rare, alice));
  command.per_account = 2;
  EXPECT_EQ(refusal(world.as_operator().run(command)), "invalid_value");
  const EditionId fresh = world.edition(10, 3);
  command.edition = fresh;
  EXPECT_EQ(refusal(world.as_operator().run(command)), "success");
  World::must(world.as(alice).send_gift(fresh, alice));
  command.per_account = 1;
  EXPECT_EQ(refusal(world.as_operator().run(command)), "success");
  EXPECT_EQ(refusal(world.as(alice).send_gift(fresh, alice)), "account_limit_reached");
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(EditionTest, ImportIsRepeatable) {
  std::vector<EditionTerms> file{named("Rose", 25, {}), named("Star", 500, 100)};
  auto reply = import(file);
  EXPECT_EQ(reply->created, 2);
  reply = import(file);
  EXPECT_EQ(reply->unchanged, 2);
  file[0].stars = Stars::whole(30);
  file.push_back(named("Ring", 100, 5));
  reply = import(file);
  EXPECT_EQ(reply->created, 1);
  EXPECT_EQ(reply->updated, 1);
  EXPECT_EQ(reply->unchanged, 1);
}

TEST_F(EditionTest, ImportIsAllOrNothingAndNamesTheEntry) {
  World::must(import({named("Rose", 25, 10)}));
  auto refused = import({named("New", 1, {}), named("Rose", 25, 11)});
  EXPECT_EQ(refusal(refused), "amount_out_of_range");
  EXPECT_EQ(refused.error().param_name(), "editions.1.supply");
  EXPECT_EQ(import({named("New", 1, {})})->created, 1);
  refused = import({named("A", 1, {}), named("a", 1, {})});
  EXPECT_EQ(refusal(refused), "slug_taken");
  EXPECT_EQ(refused.error().param_name(), "editions.1.slug");
  EXPECT_EQ(import({named("", 1, {})}).error().param_name(), "editions.0.title");
  EditionTerms released = named("Released", 1, {});
  released.publisher = AccountId(9);
  refused = import({released});
  EXPECT_EQ(refusal(refused), "account_not_found");
  EXPECT_EQ(refused.error().param_name(), "editions.0.publisher");
  EXPECT_EQ(refusal(world.as(alice).run(ImportCatalog{})), "forbidden");
}

TEST_F(EditionTest, ImportTakesTenThousand) {
  std::vector<EditionTerms> file;
  for (std::size_t i = 0; i < ImportCatalog::kEditionsMax; ++i) {
    file.push_back(named("Gift " + std::to_string(i), 10, 5));
  }
  EXPECT_EQ(import(file)->created, 10'000);
  EXPECT_EQ(import(std::move(file))->unchanged, 10'000);
}

}  // namespace
}  // namespace stardrop::test
