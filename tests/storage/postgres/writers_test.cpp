// Several writers on one database at once: nothing twice, nothing too many, one order of all.
#include "tests/storage/postgres/writers.h"

#include <array>
#include <atomic>
#include <map>
#include <set>

#include "engine/engine.h"

namespace stardrop {
namespace {

using storage::postgres::PostgresStore;
using testing::code_of;
using testing::comes_true;
using testing::Node;
using testing::Shop;
using testing::WritersTest;

TEST_F(WritersTest, EveryNodeHasALaneOfItsOwn) {
  add_nodes(3, 2, 10);
  EXPECT_EQ((std::set<std::uint32_t>{nodes_[0]->lane(), nodes_[1]->lane(), nodes_[2]->lane()}),
            (std::set<std::uint32_t>{0, 1, 2}));
  // One that stops gives its lane back, and the next one goes on in it.
  nodes_[1].reset();
  Node next(schema_->url(), 7);
  ASSERT_TRUE(next.shop.open().ok());
  EXPECT_EQ(next.lane(), 1U);
}

TEST_F(WritersTest, WhoeverOpensHearsOfALaneThatStaysLocked) {
  add_nodes(1, 2, 10);
  nodes_.clear();
  auto other = connect();
  ASSERT_TRUE(other.script("BEGIN; SELECT 1 FROM lanes FOR UPDATE").ok());
  storage::postgres::Options options = Node::options(schema_->url());
  options.lock_wait = Duration::milliseconds(20);
  PostgresStore store(std::move(options));
  Shop next(store);
  const Status opened = next.open();
  ASSERT_FALSE(opened.ok());
  // Not that the lane is somebody else's, which nobody knows yet: `lock_not_available`.
  EXPECT_EQ(std::get<std::string>(opened.error().facts().back().value), "55P03");
  ASSERT_TRUE(other.script("ROLLBACK").ok());
  EXPECT_TRUE(next.open().ok());
}

TEST_F(WritersTest, RowsAreFoundByKeyHoweverSmallTheirTableWas) {
  add_nodes(2, 3, 100);
  const auto scans = [this](const std::string& kind) {
    return number("SELECT sum(" + kind + ")::bigint FROM pg_stat_user_tables WHERE schemaname = '" +
                  schema_->name() +
                  "' AND relname IN ('accounts', 'editions', 'gifts', 'transfers', 'used_keys', "
                  "'payments', 'journal')");
  };
  // What a session did is counted when it ends. The first made the tables, and looked through each
  // for its index.
  nodes_[0].reset();
  EXPECT_TRUE(comes_true([&] { return scans("idx_scan") > 0; }));
  const std::int64_t before = scans("idx_scan");
  const std::int64_t looked_through = scans("seq_scan");
  for (std::uint64_t i = 0; i < 20; ++i) EXPECT_TRUE(nodes_[1]->shop.buy(i).ok());
  nodes_.clear();
  EXPECT_TRUE(comes_true([&] { return scans("idx_scan") > before; }));
  EXPECT_EQ(scans("seq_scan"), looked_through);
}

TEST_F(WritersTest, SellADropOutTogether) {
  constexpr std::int64_t kSupply = 1500;
  add_nodes(3, 50, kSupply);
  std::array<std::map<std::string, int>, 3> codes;
  std::array<std::set<std::int64_t>, 3> serials;
  at_once([&](std::size_t i, Node& node) {
    for (std::uint64_t round = 0; round < 40; ++round) {
      // Every node asks for other purchases, of the same accounts.
      for (const auto& outcome : node.shop.buy(i * 10'000 + round * 20, 20)) {
        ++codes[i][code_of(outcome)];
        if (!outcome.ok()) continue;
        serials[i].insert(std::get<market::SendGift::Reply>(outcome->reply).serial);
      }
    }
  });
  int sold = 0;
  std::set<std::int64_t> all;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(codes[i].size(), 2U);
    EXPECT_EQ(codes[i]["ok"] + codes[i]["sold_out"], 800) << ::testing::PrintToString(codes[i]);
    sold += codes[i]["ok"];
    all.insert(serials[i].begin(), serials[i].end());
  }
  EXPECT_EQ(sold, kSupply);
  EXPECT_EQ(all.size(), static_cast<std::size_t>(kSupply));
  EXPECT_EQ(*all.rbegin(), kSupply);
  testing::check_rows(nodes_[0]->store);
  expect_sound();
}

TEST_F(WritersTest, TheSameKeyAtTwoNodesHasOneEffect) {
  add_nodes(3, 10, 10'000);
  std::array<std::vector<engine::Outcome>, 3> answers;
  at_once([&](std::size_t i, Node& node) {
    for (std::uint64_t round = 0; round < 60; ++round) {
      for (auto& outcome : node.shop.buy(round * 5, 5)) answers[i].push_back(std::move(outcome));
    }
  });
  for (std::size_t n = 0; n < 300; ++n) {
    int first = 0;
    for (const auto& of_node : answers) {
      ASSERT_TRUE(of_node[n].ok()) << code_of(of_node[n]);
      EXPECT_EQ(of_node[n]->op, answers[0][n]->op);
      if (!of_node[n]->replayed) ++first;
    }
    EXPECT_EQ(first, 1);
  }
  expect_sound();
}

TEST_F(WritersTest, WhatANodeHasNotSeenBeforeCostsNoRoundTrips) {
  add_nodes(2, 20, 10'000);
  PostgresStore& store = nodes_[1]->store;
  EXPECT_TRUE(nodes_[1]->shop.buy(0).ok());
  // One that locks and one that writes, though all its buyers are new to the node.
  auto before = store.round_trips();
  for (const auto& outcome : nodes_[1]->shop.buy(1, 3)) EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(store.round_trips() - before, 2U);

  constexpr std::size_t kBatches = 40;
  std::vector<OpId> ops;
  for (std::uint64_t i = 0; i < kBatches; ++i) {
    for (const auto& outcome : nodes_[0]->shop.buy(100 + i * 2, 2)) {
      ASSERT_TRUE(outcome.ok());
      ops.push_back(outcome->op);
    }
  }
  // A batch is read once, however many of its operations are asked for.
  std::size_t read = 0;
  EXPECT_TRUE(store.find_batches(ops, [&](engine::JournalBatch&&) { ++read; }).ok());
  EXPECT_EQ(read, kBatches);
  const auto replay_all = [&] {
    before = store.round_trips();
    for (const auto& outcome : nodes_[1]->shop.buy(100, kBatches * 2)) {
      ASSERT_TRUE(outcome.ok());
      EXPECT_TRUE(outcome->replayed);
    }
  };
  // What they are answered from is looked up at once, place and batches, and kept. Some buyers have
  // lots, which are locked behind their accounts.
  replay_all();
  EXPECT_EQ(store.round_trips() - before, 2U + 1U + 2U);
  replay_all();
  EXPECT_EQ(store.round_trips() - before, 2U);
}

TEST_F(WritersTest, ABatchThatMeetsAnotherWriterIsMadeAgainWhateverElseIsInIt) {
  add_nodes(1, 20, 100);
  EXPECT_TRUE(nodes_[0]->shop.buy(3).ok());
  storage::postgres::Options options = Node::options(schema_->url());
  options.lock_wait = Duration::milliseconds(5);
  PostgresStore store(std::move(options));
  Shop next(store, 7);
  ASSERT_TRUE(next.open().ok());
  next.adopt(nodes_[0]->shop);
  EXPECT_TRUE(next.buy(1).ok());
  // The second of these has a buyer with lots, which are locked behind what shows the first's key.
  auto other = connect();
  ASSERT_TRUE(other.script("BEGIN; SELECT 1 FROM lots FOR UPDATE").ok());
  for (const auto& outcome : next.buy(3, 2)) EXPECT_EQ(testing::code_of(outcome), "overloaded");
  EXPECT_EQ(next.executor().redone(), static_cast<std::uint64_t>(engine::kRedoMax));
  ASSERT_TRUE(other.script("ROLLBACK").ok());
  const auto outcomes = next.buy(3, 2);
  ASSERT_TRUE(outcomes[0].ok() && outcomes[1].ok());
  EXPECT_TRUE(outcomes[0]->replayed);
  EXPECT_FALSE(outcomes[1]->replayed);
}

TEST_F(WritersTest, LateBuyersAreToldTheTruthAtEveryNode) {
  add_nodes(2, 5, 20);
  for (const auto& outcome : nodes_[0]->shop.buy(0, 20)) ASSERT_TRUE(outcome.ok());
  ASSERT_TRUE(nodes_[1]->shop.executor().take_news().ok());
  // Some of them were not late, and ask again elsewhere.
  const auto outcomes = nodes_[1]->shop.buy(10, 20);
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(outcomes[i].ok()) << code_of(outcomes[i]);
    EXPECT_TRUE(outcomes[i]->replayed);
  }
  for (std::size_t i = 10; i < 20; ++i) EXPECT_EQ(code_of(outcomes[i]), "sold_out");
  // A gift that comes back is on sale again, whatever this node still believes.
  market::RefundGift refund;
  refund.gift = std::get<market::SendGift::Reply>(outcomes[0]->reply).gift;
  const auto& shop = nodes_[0]->shop;
  ASSERT_TRUE(nodes_[0]->shop.run({shop.request(refund, "refund")})[0].ok());
  const auto last = nodes_[1]->shop.buy(50, 2);
  EXPECT_EQ(code_of(last[0]), "ok");
  EXPECT_EQ(code_of(last[1]), "sold_out");
  expect_sound();
}

TEST_F(WritersTest, CapsHoldOverNodes) {
  add_nodes(3, 8, 1000);
  market::CreateEdition command;
  command.title = "Rose";
  command.stars = Stars::whole(1);
  command.supply = 1000;
  command.per_account = 3;
  const auto made = nodes_[0]->shop.run({nodes_[0]->shop.request(command, "rose")});
  const EditionId rose = std::get<market::CreateEdition::Reply>(made[0]->reply).id;
  std::array<int, 3> bought{};
  at_once([&](std::size_t i, Node& node) {
    for (int round = 0; round < 8; ++round) {
      std::vector<engine::Request> requests;
      for (const AccountId account : node.shop.accounts()) {
        market::SendGift gift;
        gift.edition = rose;
        gift.from = account;
        gift.to = account;
        gift.max_price = Stars::whole(1);
        requests.push_back(node.shop.request(
            gift, std::to_string(i) + "-" + std::to_string(round) + "-" + account.text()));
      }
      for (const auto& outcome : node.shop.run(std::move(requests))) {
        if (outcome.ok()) {
          ++bought[i];
        } else {
          EXPECT_EQ(code_of(outcome), "account_limit_reached");
        }
      }
    }
  });
  EXPECT_EQ(bought[0] + bought[1] + bought[2], 8 * 3);
  expect_sound();
}

TEST_F(WritersTest, TimersRunOnceWhicheverNodeIsFirst) {
  add_nodes(3, 5, 1000);
  std::vector<engine::Request> requests;
  for (int i = 0; i < 200; ++i) {
    market::PlaceHold hold;
    hold.account = nodes_[0]->shop.accounts()[static_cast<std::size_t>(i % 5)];
    hold.stars = Stars::whole(1);
    hold.expires_at = nodes_[0]->shop.clock().now().plus(Duration::seconds(60));
    requests.push_back(nodes_[0]->shop.request(hold, "hold-" + std::to_string(i)));
  }
  for (const auto& outcome : nodes_[0]->shop.run(std::move(requests))) {
    ASSERT_TRUE(outcome.ok()) << code_of(outcome);
  }
  for (const auto& node : nodes_) node->shop.clock().advance(Duration::seconds(100));
  std::array<std::int64_t, 3> handled{};
  at_once([&](std::size_t i, Node& node) {
    for (int round = 0; round < 40; ++round) {
      engine::Request request;
      market::RunTimers command;
      command.limit = 7;
      request.command = command;
      const auto outcomes = node.shop.run({request});
      ASSERT_TRUE(outcomes[0].ok()) << code_of(outcomes[0]);
      handled[i] += std::get<market::RunTimers::Reply>(outcomes[0]->reply).handled;
    }
  });
  EXPECT_EQ(handled[0] + handled[1] + handled[2], 200);
  expect_sound();
}

TEST_F(WritersTest, TheHouseNeverPaysWhatItHasNot) {
  add_nodes(3, 6, 1000);
  for (std::uint64_t i = 0; i < 60; ++i) ASSERT_TRUE(nodes_[i % 3]->shop.buy(i).ok());
  // 120 Stars are there; three nodes pay out 10 at a time, 18 times.
  std::array<int, 3> paid{};
  at_once([&](std::size_t i, Node& node) {
    for (int round = 0; round < 6; ++round) {
      market::TransferStars transfer;
      transfer.from = ledger::kHouse;
      transfer.to = node.shop.accounts()[i];
      transfer.stars = Stars::whole(10);
      const auto outcomes = node.shop.run(
          {node.shop.request(transfer, "pay-" + std::to_string(i) + "-" + std::to_string(round))});
      if (outcomes[0].ok()) {
        ++paid[i];
      } else {
        EXPECT_EQ(code_of(outcomes[0]), "insufficient_funds");
      }
    }
  });
  EXPECT_EQ(paid[0] + paid[1] + paid[2], 12);
  expect_sound();
}

TEST_F(WritersTest, ANodeThatOnlyReadsComesBackByItself) {
  add_nodes(1, 2, 100);
  Node& node = *nodes_[0];
  cut_connections();
  EXPECT_FALSE(node.reads());
  // The first look finds out, the next one opens the store again.
  static_cast<void>(node.shop.executor().tidy(true));
  EXPECT_TRUE(node.shop.executor().must_reopen());
  ASSERT_TRUE(node.shop.executor().tidy(true).ok());
  EXPECT_TRUE(node.reads());
  EXPECT_EQ(node.lane(), 0U);
}

TEST_F(WritersTest, ANodeThatIsCutOffRefusesAndGoesOn) {
  add_nodes(2, 4, 100);
  for (std::uint64_t round = 0; round < 5; ++round) {
    cut_connections();
    for (const auto& node : nodes_)
      EXPECT_EQ(code_of(node->shop.buy(round)), "storage_unavailable");
    const auto first = nodes_[0]->shop.buy(round);
    const auto again = nodes_[1]->shop.buy(round);
    ASSERT_TRUE(first.ok() && again.ok());
    EXPECT_FALSE(first->replayed);
    EXPECT_TRUE(again->replayed);
  }
  expect_sound();
}

TEST_F(WritersTest, ACommitThatBrokeIsLookedForAndMadeAgain) {
  add_nodes(1, 4, 100);
  // The first commit from now on ends its own session, behind the last statement.
  sql("CREATE SEQUENCE commits;"
      "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('commits') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; "
      "RETURN NULL; END $$;"
      "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW EXECUTE FUNCTION cut()");
  const auto outcome = nodes_[0]->shop.buy(1);
  ASSERT_TRUE(outcome.ok()) << code_of(outcome);
  EXPECT_FALSE(outcome->replayed);
  EXPECT_EQ(nodes_[0]->store.resolved(), 1U);
  EXPECT_EQ(nodes_[0]->shop.executor().redone(), 1U);
  expect_sound();
}

TEST_F(WritersTest, ANodeWhoseLeaseWasTakenBeginsInAnotherLane) {
  add_nodes(1, 4, 100);
  sql("UPDATE lanes SET owner = 'another', lease_until = clock_timestamp() + interval '1 hour'");
  EXPECT_EQ(code_of(nodes_[0]->shop.buy(1)), "storage_unavailable");
  ASSERT_TRUE(nodes_[0]->shop.buy(1).ok());
  EXPECT_EQ(nodes_[0]->lane(), 1U);
  expect_sound();
}

TEST_F(WritersTest, ANodeWithAnotherMasterKeyIsRefused) {
  for (const char* const digest : {"ours", "ours", "theirs"}) {
    storage::postgres::Options options = Node::options(schema_->url());
    options.master_key_digest = digest;
    PostgresStore store(std::move(options));
    Shop shop(store);
    const Status opened = shop.open();
    EXPECT_EQ(opened.ok(), std::string_view(digest) == "ours");
    if (opened) continue;
    EXPECT_EQ(std::get<std::string>(opened.error().facts().front().value), "other_master_key");
  }
}

/// Counts who was sent away because the store is out of reach.
class Answers final : public engine::Sink {
 public:
  void deliver(std::vector<engine::Delivery>&& deliveries) override {
    for (const engine::Delivery& each : deliveries) {
      refused_ += each.outcome && code_of(*each.outcome) == "storage_unavailable" ? 1 : 0;
    }
  }
  int refused() const { return refused_; }

 private:
  std::atomic<int> refused_{0};
};

TEST_F(WritersTest, TheEngineSaysWhenItsDatabaseIsGoneAndBack) {
  // A role of its own, which can be shut out for as long as the test looks.
  const std::string role = schema_->name() + "_node";
  sql("CREATE ROLE " + role + " LOGIN SUPERUSER");
  {
    const SystemClock clock;
    PostgresStore store(Node::options(schema_->url() + "&user=" + role));
    Answers answers;
    engine::Engine engine(store, clock, {});
    ASSERT_TRUE(engine.open().ok());
    engine.start();
    const auto comes_to = [&](bool failing) {
      return comes_true([&] {
        engine.run([](engine::Executor&) {});
        return engine.storage_failing() == failing;
      });
    };
    EXPECT_TRUE(comes_to(false));
    sql("ALTER ROLE " + role + " NOLOGIN");
    sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '" + role +
        "'");
    EXPECT_TRUE(comes_to(true));
    // Whoever comes now does not wait for the next attempt.
    EXPECT_TRUE(comes_true([&] {
      const int before = answers.refused();
      std::vector<engine::Work> work(2);
      work[0].what = engine::Request();
      work[1].what = engine::ReadTask([](engine::Reader&) {});
      for (engine::Work& each : work) each.sink = &answers;
      engine.submit(std::move(work));
      return answers.refused() == before + 2;
    }));
    sql("ALTER ROLE " + role + " LOGIN");
    EXPECT_TRUE(comes_to(false));
    engine.stop();
  }
  sql("REASSIGN OWNED BY " + role + " TO CURRENT_USER; DROP ROLE " + role);
}

TEST(DatabaseClock, GoesOnWhateverTheMachineIsSetTo) {
  using storage::postgres::DatabaseClock;
  ManualClock machine{Instant{1'000'000}};
  DatabaseClock clock(machine);
  EXPECT_EQ(clock.now(), machine.now());
  // The database is where it is, half way between asking and answer.
  const Instant before = DatabaseClock::steady();
  const Instant there{1'790'000'000'000'000};
  clock.compare(before, there, before.plus(Duration::milliseconds(2)));
  const Instant now = clock.now();
  EXPECT_GE(now, there.plus(Duration::milliseconds(-1)));
  machine.advance(Duration::seconds(3600));
  EXPECT_LT(clock.now().since(now).us, Duration::seconds(600).us);
  EXPECT_GE(clock.now(), now);
}

TEST_F(WritersTest, RulesThatChangeAreInForceEverywhereAtOnce) {
  add_nodes(2, 2, 100);
  market::Configure rules;
  rules.stargifts_blocked = true;
  ASSERT_TRUE(nodes_[0]->shop.run({nodes_[0]->shop.request(rules, "")})[0].ok());
  EXPECT_EQ(code_of(nodes_[1]->shop.buy(1)), "forbidden");
  expect_sound();
}

}  // namespace
}  // namespace stardrop
