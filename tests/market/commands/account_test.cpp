// Accounts and keys: changing, erasing, revoking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/world.h"

namespace stardrop::test {
namespace {

using market::CreateKey;
using market::EraseAccount;
using market::RevokeKey;
using market::UpdateAccount;
using testing::IsEmpty;

class AccountTest : public testing::Test {
 protected:
  std::optional<std::string> name_of_account(AccountId id) {
    const auto profile = world.find<ledger::Profile>(id);
    if (!profile || profile->name.empty()) return std::nullopt;
    return world.executor.reader().open(id, "name", profile->name.data);
  }
  KeyId key(ledger::KeyKind kind, AccountId account) {
    CreateKey command;
    command.kind = kind;
    command.account = account;
    return World::must(world.as_operator().run(command)).id;
  }
  bool works(KeyId id) { return !world.find<ledger::AccessKey>(id)->revoked; }

  World world;
  AccountId app = world.bot();
  AccountId alice = world.user_of(app, "Alice");
  AccountId bob = world.user("Bob");
};

TEST_F(AccountTest, UsersMakeNoAccounts) {
  EXPECT_EQ(refusal(world.as(alice).run(market::CreateAccount{})), "forbidden");
}

TEST_F(AccountTest, UpdateRefusesInTheDocumentedOrder) {
  UpdateAccount command;
  command.name = std::string(65, 'n');
  command.premium = true;
  EXPECT_EQ(refusal(world.as(alice).run(command)), "text_too_long");
  command.name = "\x01";
  EXPECT_EQ(refusal(world.as(alice).run(command)), "text_invalid");
  command.name = "Alicia";
  EXPECT_EQ(refusal(world.as(alice).run(command)), "account_not_found");
  command.account = alice;
  EXPECT_EQ(refusal(world.as(bob).run(command)), "account_not_found");
  EXPECT_EQ(refusal(world.as(alice).run(command)), "forbidden");
  EXPECT_EQ(name_of_account(alice), "Alice");
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "success");
  EXPECT_TRUE(world.account(alice).premium);
  EXPECT_EQ(name_of_account(alice), "Alicia");
  command.name.reset();
  command.premium = false;
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "success");
  EXPECT_EQ(name_of_account(alice), "Alicia");
  World::must(world.as_operator().run(EraseAccount{alice}));
  EXPECT_EQ(refusal(world.as_app(app).run(command)), "account_erased");
}

TEST_F(AccountTest, ErasingForgetsWordsButNotDebts) {
  const TopUpId paid = world.fund(alice, 100, 1000);
  market::SendGift gift;
  gift.edition = world.edition(60);
  gift.from = alice;
  gift.to = bob;
  gift.max_price = Stars::whole(60);
  gift.text = "secret";
  const GiftId sent = World::must(world.as(alice).run(gift)).gift;
  const auto words = [&] {
    const auto row = world.find<market::GiftText>(sent);
    return world.executor.reader().open(alice, "words", row->text.data).has_value();
  };
  EXPECT_TRUE(words());
  const KeyId token = key(ledger::KeyKind::user_token, alice);
  const KeyId other = key(ledger::KeyKind::user_token, bob);
  EXPECT_EQ(refusal(world.as(bob).run(EraseAccount{alice})), "account_not_found");
  EXPECT_EQ(refusal(world.as_operator().run(EraseAccount{ledger::kHouse})), "forbidden");
  const auto erased = world.as(alice).run(EraseAccount{alice});
  ASSERT_TRUE(erased.ok());
  EXPECT_EQ(erased->posted, Stars::whole(40));
  EXPECT_EQ(erased->keys_revoked, 1);
  EXPECT_FALSE(words());
  EXPECT_FALSE(name_of_account(alice));
  EXPECT_EQ(name_of_account(bob), "Bob");
  EXPECT_FALSE(works(token));
  EXPECT_TRUE(works(other));
  EXPECT_EQ(refusal(world.as(alice).run(EraseAccount{alice})), "account_erased");
  // A reversal still finds it, and what it owes stays owed.
  const auto reversed = world.as_operator().run(market::ReverseTopUp{paid, {}});
  EXPECT_EQ(reversed->owed, Stars::whole(60));
  EXPECT_EQ(world.account(alice).owed, Stars::whole(60));
  EXPECT_THAT(world.wrongs(), IsEmpty());
}

TEST_F(AccountTest, KeysAreRevokedByWhoMay) {
  const KeyId operators = key(ledger::KeyKind::operator_key, AccountId());
  const KeyId apps = key(ledger::KeyKind::app_key, app);
  const KeyId alices = key(ledger::KeyKind::user_token, alice);
  const KeyId bobs = key(ledger::KeyKind::user_token, bob);
  EXPECT_EQ(refusal(world.as_operator().run(RevokeKey{KeyId(3)})), "key_not_found");
  EXPECT_EQ(refusal(world.as_app(app).run(RevokeKey{operators})), "key_not_found");
  EXPECT_EQ(refusal(world.as_app(app).run(RevokeKey{bobs})), "key_not_found");
  EXPECT_EQ(refusal(world.as(alice).run(RevokeKey{apps})), "key_not_found");
  EXPECT_EQ(refusal(world.as(alice).run(RevokeKey{alices})), "success");
  EXPECT_TRUE(world.as_app(app).run(RevokeKey{alices})->already);
  EXPECT_FALSE(world.as_app(app).run(RevokeKey{apps})->already);
  EXPECT_FALSE(world.as_operator().run(RevokeKey{operators})->already);
  EXPECT_FALSE(works(alices) || works(apps) || works(operators));
  EXPECT_TRUE(works(bobs));
}

}  // namespace
}  // namespace stardrop::test
