// A database that takes what it is sent and never answers: nobody waits for ever, nothing is
// guessed.
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "storage/postgres/connection.h"
#include "storage/postgres/postgres_store.h"
#include "tests/storage/postgres/writers.h"
#include "tests/storage/shop.h"
#include "tests/support/tcp_proxy.h"

namespace stardrop {
namespace {

using storage::postgres::Connection;
using storage::postgres::PostgresStore;
using testing::code_of;
using testing::comes_true;
using testing::Shop;
using testing::TcpProxy;
using Flow = testing::TcpProxy::Flow;

/// A node that reaches its database through a proxy, and somebody who reaches it without.
class SilenceTest : public testing::PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    if (IsSkipped()) return;
    db_ = connect();
    proxy_.emplace(
        ask("SELECT split_part(current_setting('unix_socket_directories'), ',', 1) || "
            "'/.s.PGSQL.' || current_setting('port')"));
    storage::postgres::Options options;
    options.url = proxied() + "&application_name=" + schema_->name();
    options.lease = Duration::seconds(4);
    options.answer_wait = Duration::seconds(2);
    options.resolve = Duration::seconds(4);
    store_.emplace(std::move(options));
    shop_.emplace(*store_);
    ASSERT_TRUE(shop_->open().ok());
    shop_->stock(2, 100);
  }
  void TearDown() override {
    if (proxy_) proxy_->let(Flow::passed, Flow::passed);
  }

  std::string proxied() const {
    return schema_->url() + "&host=127.0.0.1&port=" + std::to_string(proxy_->port());
  }
  /// One value, by somebody else than the node.
  std::string ask(const std::string& sql) {
    const auto answer = db_.run_once(sql);
    EXPECT_TRUE(answer.ok()) << sql;
    return answer.ok() && answer->rows() > 0 ? std::string(answer->bytes(0, 0)) : "";
  }
  /// From now on a commit waits, at its very end, until a COMMIT is asked for here.
  void shut_the_gate() {
    ASSERT_TRUE(
        db_.script("CREATE TABLE gate AS SELECT 1 AS shut;"
                   "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                   "PERFORM 1 FROM gate FOR SHARE; RETURN NULL; END $$;"
                   "CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON journal DEFERRABLE INITIALLY "
                   "DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()")
            .ok());
    ask("BEGIN");
    ask("SELECT 1 FROM gate FOR UPDATE");
  }
  /// Polls until a session of the node waits for a lock.
  void until_the_node_waits() {
    const std::string waits =
        "SELECT 'yes'::text FROM pg_stat_activity WHERE application_name = '" + schema_->name() +
        "' AND wait_event_type = 'Lock'";
    EXPECT_TRUE(comes_true([&] { return !ask(waits).empty(); }));
  }
  /// Buys while somebody else keeps the node waiting until the way to it is cut.
  engine::Outcome buy_while_it_is_cut(Flow back) {
    std::optional<engine::Outcome> outcome;
    std::thread buyer([&] { outcome = shop_->buy(1); });
    until_the_node_waits();
    proxy_->let(Flow::unanswered, back);
    ask("COMMIT");
    buyer.join();
    return *std::move(outcome);
  }
  /// Opens the store until it can be: at most as long as the server keeps the old session's locks.
  void until_it_is_back() {
    EXPECT_TRUE(comes_true(
        [&] { return !shop_->executor().must_reopen() || shop_->executor().tidy(true).ok(); }));
  }

  Connection db_;
  std::optional<TcpProxy> proxy_;
  std::optional<PostgresStore> store_;
  std::optional<Shop> shop_;
};

TEST_F(SilenceTest, AConnectionWithABoundIsGivenUp) {
  auto db = Connection::open(proxied(), "stardrop tests");
  ASSERT_TRUE(db.ok());
  db->wait_at_most(Duration::milliseconds(200));
  ASSERT_TRUE(db->run("SELECT 1").ok());
  proxy_->let(Flow::unanswered, Flow::passed);
  const auto answer = db->run("SELECT 1");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(std::get<std::string>(answer.error().facts().front().value), "no_answer");
  EXPECT_EQ(db->trouble(), engine::Trouble::lost);
  EXPECT_FALSE(db->is_open());
  // More than all buffers on the way hold: whoever sends does not wait either.
  auto sender = Connection::open(proxied(), "stardrop tests");
  ASSERT_TRUE(sender.ok());
  sender->wait_at_most(Duration::milliseconds(200));
  proxy_->let(Flow::stopped, Flow::passed);
  EXPECT_FALSE(sender->script("SELECT '" + std::string(64U << 20U, 'x') + "'").ok());
  EXPECT_EQ(sender->trouble(), engine::Trouble::lost);
}

TEST_F(SilenceTest, AnAnswerThatComesInPiecesMayTakeLonger) {
  auto db = Connection::open(proxied(), "stardrop tests");
  ASSERT_TRUE(db.ok());
  db->wait_at_most(Duration::milliseconds(2500));
  EXPECT_TRUE(db->script("DO $$ BEGIN FOR i IN 1..10 LOOP RAISE NOTICE 'alive'; "
                         "PERFORM pg_sleep(0.3); END LOOP; END $$")
                  .ok());
}

TEST_F(SilenceTest, ANodeRefusesMeanwhileAndComesBack) {
  proxy_->let(Flow::stopped, Flow::stopped);
  EXPECT_EQ(code_of(shop_->buy(1)), "storage_unavailable");
  EXPECT_TRUE(shop_->executor().must_reopen());
  EXPECT_FALSE(shop_->executor().tidy(true).ok());
  proxy_->let(Flow::passed, Flow::passed);
  until_it_is_back();
  const auto outcome = shop_->buy(1);
  ASSERT_TRUE(outcome.ok()) << code_of(outcome);
  EXPECT_FALSE(outcome->replayed);
}

TEST_F(SilenceTest, WhoeverWaitsForALockBehindACutLinkRefuses) {
  ask("BEGIN");
  ask("SELECT 1 FROM editions FOR UPDATE");
  engine::Outcome outcome = buy_while_it_is_cut(Flow::passed);
  EXPECT_EQ(code_of(outcome), "storage_unavailable");
  until_it_is_back();
  outcome = shop_->buy(1);
  ASSERT_TRUE(outcome.ok()) << code_of(outcome);
  EXPECT_FALSE(outcome->replayed);
}

TEST_F(SilenceTest, ACommitThatIsNeverAnsweredIsLookedFor) {
  shut_the_gate();
  engine::Outcome outcome = buy_while_it_is_cut(Flow::passed);
  ASSERT_TRUE(outcome.ok()) << code_of(outcome);
  EXPECT_FALSE(outcome->replayed);
  EXPECT_EQ(store_->resolved(), 1U);
  EXPECT_EQ(ask("SELECT sold::text FROM editions"), "1");
}

TEST_F(SilenceTest, ACommitNobodyCanAskAboutIsUnknownAndFoundLater) {
  shut_the_gate();
  engine::Outcome outcome = buy_while_it_is_cut(Flow::stopped);
  EXPECT_EQ(code_of(outcome), "outcome_unknown");
  proxy_->let(Flow::passed, Flow::passed);
  until_it_is_back();
  outcome = shop_->buy(1);
  ASSERT_TRUE(outcome.ok()) << code_of(outcome);
  EXPECT_TRUE(outcome->replayed);
}

}  // namespace
}  // namespace stardrop
