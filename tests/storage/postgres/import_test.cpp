// A database that moves to PostgreSQL: whole, in pieces, and not twice.
#include "storage/postgres/import.h"

#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "engine/audit.h"
#include "engine/replay.h"
#include "storage/postgres/postgres_store.h"
#include "tests/storage/shop.h"
#include "tests/support/postgres_test.h"

namespace stardrop::storage::postgres {
namespace {

using testing::AnyStore;
using testing::Shop;
using testing::StoreKind;

class ImportTest : public testing::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    ASSERT_TRUE(shop_.open().ok());
    shop_.stock(30, 500);
    for (std::uint64_t i = 0; i < 20; ++i) {
      for (const auto& outcome : shop_.buy(i * 10, 10)) ASSERT_TRUE(outcome.ok());
    }
  }
  Result<Import> begin() {
    const Digest& chain = shop_.executor().head().chain;
    return Import::begin(schema_->url(), {std::string(bytes_of(chain)), "key", 25});
  }
  Status run(Import& import, const Import::GoOn& go_on) {
    const auto snapshot = shop_.executor().snapshot();
    EXPECT_TRUE(snapshot.ok());
    return import.run(**snapshot, *engine::state_hash(**snapshot), go_on);
  }
  static std::string reason(const Error& error) {
    for (const Fact& fact : error.facts()) {
      if (fact.name == "reason") return std::get<std::string>(fact.value);
    }
    return {};
  }
  Options options() const {
    Options out;
    out.url = schema_->url();
    return out;
  }

  AnyStore old_{StoreKind::sqlite};
  Shop shop_{old_.store()};
};

TEST_F(ImportTest, ANodeGoesOnWhereTheOldStoreStopped) {
  auto import = begin();
  ASSERT_TRUE(import.ok()) << import.error().detail_text();
  const Status moved = run(*import, [](std::int64_t) { return true; });
  ASSERT_TRUE(moved.ok()) << moved.error().detail_text();
  EXPECT_EQ(import->operations(), 30 + 31 + 200);

  PostgresStore store(options());
  Shop next(store, 99);
  next.adopt(shop_);
  ASSERT_TRUE(next.open().ok());
  EXPECT_EQ(testing::dump(store), testing::dump(old_.store()));
  EXPECT_EQ(next.executor().head().chain, shop_.executor().head().chain);
  // Keys of the old store are known, and new purchases go on behind.
  const auto again = next.buy(7);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replayed);
  ASSERT_TRUE(next.buy(1000).ok());
  const auto snapshot = next.executor().snapshot();
  ASSERT_TRUE(snapshot.ok());
  const auto audited = engine::audit(**snapshot, {});
  EXPECT_TRUE(audited->ok) << to_json(*audited);
  const auto replayed = engine::replay(**snapshot, next.clock());
  EXPECT_TRUE(replayed->ok) << to_json(*replayed);

  EXPECT_EQ(reason(begin().error()), "already_imported");
}

TEST_F(ImportTest, GoesOnAfterItWasStopped) {
  // In every table, and in the journal, it is stopped after its first piece.
  for (int times = 0; times < 12; ++times) {
    auto import = begin();
    ASSERT_TRUE(import.ok());
    const Status stopped = run(*import, [](std::int64_t) { return false; });
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code(), ErrorCode::precondition_failed);
  }
  PostgresStore early(options());
  Shop node(early);
  const Status opened = node.open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(reason(opened.error()), "import_unfinished");

  auto import = begin();
  ASSERT_TRUE(import.ok());
  const Status moved = run(*import, [](std::int64_t) { return true; });
  EXPECT_TRUE(moved.ok()) << moved.error().detail_text();
  EXPECT_TRUE(node.open().ok());
}

TEST_F(ImportTest, RefusesASourceThatWasWrittenToSince) {
  ASSERT_TRUE(begin().ok());
  ASSERT_TRUE(shop_.buy(500).ok());
  EXPECT_EQ(reason(begin().error()), "other_import");
}

TEST_F(ImportTest, RefusesADatabaseInUse) {
  PostgresStore store(options());
  Shop node(store);
  ASSERT_TRUE(node.open().ok());
  EXPECT_EQ(reason(begin().error()), "not_empty");
}

}  // namespace
}  // namespace stardrop::storage::postgres
