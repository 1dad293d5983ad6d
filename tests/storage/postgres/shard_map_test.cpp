// Where Citus would keep rows; and that a node does the same on tables that are said to be spread.
#include "storage/postgres/shard_map.h"

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "engine/audit.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/row_table.h"
#include "tests/storage/shop.h"
#include "tests/support/postgres_test.h"

namespace stardrop::storage::postgres {
namespace {

using testing::Shop;

class ShardMapTest : public testing::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    db_ = connect();
  }
  Options options() const {
    Options out;
    out.url = schema_->url();
    return out;
  }
  /// Tables of Citus's catalogue as citus.sql would fill them, on a server without Citus.
  void pretend() {
    ASSERT_TRUE(
        db_.script("CREATE TABLE pg_dist_partition AS SELECT name::regclass AS logicalrelid, "
                   "'h'::text AS partmethod, spread_by AS partkey FROM (VALUES "
                   "('accounts', 'id'), ('lots', 'account'), ('tallies', 'account'), "
                   "('gifts', 'id'), ('gift_texts', 'gift'), ('transfers', 'id'), "
                   "('fundings', 'transfer'), ('top_ups', 'id'), ('payments', 'digest_high'), "
                   "('personal_keys', 'account'), ('profiles', 'account')) t(name, spread_by);"
                   "CREATE TABLE pg_dist_shard AS SELECT logicalrelid, shardid "
                   "FROM pg_dist_partition, generate_series(1, 8) shardid;"
                   "CREATE FUNCTION column_to_column_name(regclass, text) RETURNS text "
                   "LANGUAGE sql AS 'SELECT $2'")
            .ok());
  }

  Connection db_;
};

TEST_F(ShardMapTest, HashesAsTheServerDoes) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'790'000'000'000'000},
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min(),
        std::int64_t{4'294'967'296}, std::int64_t{-4'294'967'297}}) {
    const auto answer = db_.run("SELECT hashint8($1)::bigint", Parameters().add(value));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->integer(0, 0), ShardMap::hash_of(value)) << value;
  }
}

TEST_F(ShardMapTest, EveryHashHasOneShard) {
  std::set<std::int64_t> seen;
  for (std::int64_t value = 0; value < 2000; ++value) {
    const std::int64_t shard = ShardMap::shard_of(value, 7);
    ASSERT_GE(shard, 0);
    ASSERT_LT(shard, 7);
    seen.insert(shard);
  }
  EXPECT_EQ(seen.size(), 7U);
}

TEST_F(ShardMapTest, NothingIsSpreadOnOneServer) {
  ShardMap map;
  ASSERT_TRUE(map.read(db_).ok());
  EXPECT_FALSE(map.is_spread());
  EXPECT_EQ(map.placement_of<ledger::Account>(), Placement::here);
  const auto groups = map.groups<ledger::Account>({AccountId(9), AccountId(4), AccountId(9)});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0], (std::vector<AccountId>{AccountId(4), AccountId(9)}));
}

TEST_F(ShardMapTest, KeysOfOneStatementAreOfOneShard) {
  {
    PostgresStore store(options());
    ASSERT_TRUE(Shop(store).open().ok());
  }
  pretend();
  ShardMap map;
  ASSERT_TRUE(map.read(db_).ok());
  EXPECT_EQ(map.placement_of<ledger::Edition>(), Placement::here);
  ASSERT_EQ(map.placement_of<ledger::Tally>(), Placement::spread);
  // By the account, which is the second half of the key.
  std::vector<PairKey> keys;
  for (std::int64_t account = 1; account <= 100; ++account) keys.push_back({7, account});
  std::size_t count = 0;
  std::set<std::int64_t> shards;
  for (const auto& group : map.groups<ledger::Tally>(keys)) {
    EXPECT_TRUE(std::ranges::is_sorted(group));
    const std::int64_t shard = ShardMap::shard_of(group.front().second, 8);
    EXPECT_TRUE(shards.empty() || shard > *shards.rbegin());
    shards.insert(shard);
    for (const PairKey& key : group) EXPECT_EQ(ShardMap::shard_of(key.second, 8), shard);
    count += group.size();
  }
  EXPECT_EQ(count, keys.size());
}

TEST_F(ShardMapTest, TheStatementsForASpreadDatabaseMeanTheSame) {
  {
    PostgresStore store(options());
    ASSERT_TRUE(Shop(store).open().ok());
  }
  pretend();
  PostgresStore store(options());
  Shop shop(store, 1);
  ASSERT_TRUE(shop.open().ok());
  shop.stock(12, 1000);
  PostgresStore other_store(options());
  Shop other(other_store, 2);
  ASSERT_TRUE(other.open().ok());
  other.adopt(shop);
  // Both buy, and ask for the same purchases.
  const auto buy = [](Shop& node) {
    for (std::uint64_t round = 0; round < 20; ++round) {
      for (const auto& outcome : node.buy(round * 10, 10)) EXPECT_TRUE(outcome.ok());
    }
  };
  std::thread beside([&] { buy(other); });
  buy(shop);
  beside.join();
  testing::check_rows(store);
  // Rows that change and go.
  const auto sold = std::get<market::SendGift::Reply>(shop.buy(0)->reply).gift;
  market::RefundGift refund;
  refund.gift = sold;
  EXPECT_TRUE(shop.run({shop.request(refund, "refund")})[0].ok());
  auto snapshot = store.snapshot();
  ASSERT_TRUE(snapshot.ok());
  const auto audited = engine::audit(**snapshot, {});
  ASSERT_TRUE(audited.ok());
  EXPECT_TRUE(audited->ok);
  const auto settings = db_.run_once("SELECT count(*) FROM used_keys");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(settings->integer(0, 0), 12 + 12 + 1 + 200 + 1);
}

TEST_F(ShardMapTest, ARowThatIsThereAlreadyIsNoticedWithoutItsSqlstate) {
  {
    PostgresStore store(options());
    ASSERT_TRUE(Shop(store).open().ok());
  }
  ledger::Tally tally;
  tally.edition = EditionId(1);
  tally.account = AccountId(5);
  using Tallies = RowTable<ledger::Tally>;
  ASSERT_TRUE(db_.run(Tallies::insert(Placement::spread), Tallies::columns_of({&tally})).ok());
  EXPECT_FALSE(db_.run(Tallies::insert(Placement::spread), Tallies::columns_of({&tally})).ok());
  EXPECT_EQ(db_.trouble(), engine::Trouble::contended);
}

}  // namespace
}  // namespace stardrop::storage::postgres
