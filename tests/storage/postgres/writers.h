// Several nodes on one database, in one process.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/json_writer.h"
#include "engine/audit.h"
#include "engine/replay.h"
#include "storage/postgres/postgres_store.h"
#include "tests/storage/shop.h"
#include "tests/support/postgres_test.h"

namespace stardrop::testing {

/// One process of several, as far as the database can tell.
struct Node {
  Node(const std::string& url, std::uint64_t seed) : store(options(url)), shop(store, seed) {}

  static storage::postgres::Options options(const std::string& url) {
    storage::postgres::Options out;
    out.url = url;
    return out;
  }
  bool reads() {
    engine::Reader rows = shop.executor().reader();
    return rows.find<ledger::Account>(ledger::kHouse) != nullptr && !rows.failed();
  }
  std::uint32_t lane() { return shop.executor().head().lane; }

  storage::postgres::PostgresStore store;
  Shop shop;
};

class WritersTest : public PostgresTest {
 protected:
  Node& add_node() {
    const std::string url = schema_->url() + "&application_name=" + schema_->name();
    nodes_.push_back(std::make_unique<Node>(url, 1000 * (nodes_.size() + 1)));
    EXPECT_TRUE(nodes_.back()->shop.open().ok());
    return *nodes_.back();
  }
  /// The one number that a query of somebody else gives.
  std::int64_t number(const std::string& query) {
    auto db = connect();
    const auto answer = db.run(query);
    EXPECT_TRUE(answer.ok() && answer->rows() == 1) << query;
    return answer.ok() && answer->rows() == 1 ? answer->integer(0, 0) : -1;
  }
  /// Cuts the connections of every node of this test.
  void cut_connections() {
    sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = '" +
        schema_->name() + "'");
  }

  /// The first has stock; the others know of it.
  void add_nodes(std::size_t count, int accounts, std::int64_t supply) {
    add_node().shop.stock(accounts, supply);
    while (nodes_.size() < count) add_node().shop.adopt(nodes_[0]->shop);
  }
  /// Has every node do something on a thread of its own.
  void at_once(const std::function<void(std::size_t, Node&)>& act) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      threads.emplace_back([&, i] { act(i, *nodes_[i]); });
    }
    for (std::thread& each : threads) each.join();
  }

  /// What must hold of the database, whoever wrote it.
  void expect_sound() {
    auto snapshot = nodes_[0]->store.snapshot();
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().detail_text();
    const auto audited = engine::audit(**snapshot, {});
    ASSERT_TRUE(audited.ok()) << audited.error().detail_text();
    EXPECT_TRUE(audited->ok) << to_json(*audited);
    const auto replayed = engine::replay(**snapshot, nodes_[0]->shop.clock());
    ASSERT_TRUE(replayed.ok());
    EXPECT_TRUE(replayed->ok) << to_json(*replayed);
  }

  std::vector<std::unique_ptr<Node>> nodes_;
};

inline std::string code_of(const engine::Outcome& outcome) {
  return outcome.ok() ? "ok" : std::string(info(outcome.error().code()).code);
}

}  // namespace stardrop::testing
