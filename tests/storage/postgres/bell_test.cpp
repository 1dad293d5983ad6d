// Nodes ring for each other: who hears it, who doesn't, and what happens without a bell.
#include "storage/postgres/bell.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "engine/engine.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/postgres_store.h"
#include "tests/support/postgres_test.h"

namespace stardrop {
namespace {

using storage::postgres::Bell;
using storage::postgres::Connection;
using storage::postgres::PostgresStore;
using testing::comes_true;
using testing::PostgresSchema;

/// A bell and how often it woke somebody.
struct Ear {
  explicit Ear(const std::string& url) : bell(url, [this] { ++heard; }) {}

  std::atomic<int> heard{0};
  Bell bell;
};

/// A process of several.
struct Node {
  explicit Node(const std::string& url) : store(options(url)), engine(store, clock, {}) {
    engine.on_commit([this](const engine::BatchReport& report) {
      events += static_cast<int>(report.events.size());
    });
    EXPECT_TRUE(engine.open().ok());
    engine.start();
  }
  ~Node() { engine.stop(); }

  static storage::postgres::Options options(const std::string& url) {
    storage::postgres::Options out;
    out.url = url;
    return out;
  }

  const SystemClock clock;
  PostgresStore store;
  std::atomic<int> events{0};
  engine::Engine engine;
};

engine::Request new_edition() {
  market::CreateEdition command;
  command.title = "Rose";
  command.stars = Stars::whole(1);
  return {{market::CallerKind::operator_, {}}, "rose", 0, command};
}

class BellTest : public testing::PostgresTest {};

TEST_F(BellTest, IsHeardByTheOthersOfItsSchema) {
  const PostgresSchema elsewhere;
  Ear one(schema_->url());
  Ear two(schema_->url());
  Ear stranger(elsewhere.url());
  for (Ear* const each : {&one, &two, &stranger}) {
    ASSERT_TRUE(comes_true([&] { return each->bell.works(); }));
  }
  // Each one proved itself to the other when it began: from here on only rings count.
  one.heard = 0;
  two.heard = 0;
  one.bell.ring();
  EXPECT_TRUE(comes_true([&] { return two.heard > 0; }));
  two.bell.ring();
  EXPECT_TRUE(comes_true([&] { return one.heard > 0; }));
  EXPECT_EQ(stranger.heard, 0);
}

TEST_F(BellTest, SaysWhenItDoesNotWorkAndComesBack) {
  Ear ear(schema_->url() + "&application_name=" + schema_->name());
  ASSERT_TRUE(comes_true([&] { return ear.bell.works(); }));
  sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '" +
      schema_->name() + "'");
  // It tells of it, so that somebody looks.
  EXPECT_TRUE(comes_true([&] { return ear.heard > 0; }));
  EXPECT_TRUE(comes_true([&] { return ear.bell.works(); }));
}

TEST_F(BellTest, ADatabaseWithoutOneIsNoError) {
  // What stands before pg_catalog takes its place, and rings nowhere.
  sql("CREATE TABLE rings AS SELECT 0 AS count; "
      "CREATE FUNCTION pg_notify(text, text) RETURNS void LANGUAGE sql AS "
      "'UPDATE rings SET count = count + 1'");
  Ear ear(schema_->url() + ",pg_catalog");
  auto db = Connection::open(schema_->url(), "stardrop tests");
  ASSERT_TRUE(db.ok());
  const auto has_rung = [&](std::int64_t times) {
    return comes_true([&] {
      const auto count = db->run("SELECT count::bigint FROM rings");
      return count.ok() && count->integer(0, 0) >= times;
    });
  };
  ASSERT_TRUE(has_rung(1));
  ear.bell.ring();
  ASSERT_TRUE(has_rung(2));
  EXPECT_FALSE(ear.bell.works());
}

TEST_F(BellTest, WakesANodeThatHasNothingToDo) {
  Node one(schema_->url());
  Node two(schema_->url());
  ASSERT_TRUE(comes_true([&] { return one.engine.stats().bell && two.engine.stats().bell; }));
  ASSERT_TRUE(comes_true([&] { return one.store.has_bell() && two.store.has_bell(); }));
  const auto before = two.engine.stats().woken.load();
  ASSERT_TRUE(one.engine.call(new_edition()).ok());
  EXPECT_TRUE(comes_true([&] { return two.engine.stats().woken > before && two.events > 0; }));
}

}  // namespace
}  // namespace stardrop
