// Limits that hold over all nodes of one database.
#include <gtest/gtest.h>

#include "storage/postgres/postgres_store.h"
#include "tests/api/api_world.h"
#include "tests/support/postgres_test.h"

namespace stardrop::api::test {
namespace {

using storage::postgres::PostgresStore;

/// A server and its store.
struct Node {
  Node(const std::string& url, const ApiOptions& options)
      : store(options_of(url)), world(store, SystemClock().now(), options) {}
  static storage::postgres::Options options_of(const std::string& url) {
    storage::postgres::Options options;
    options.url = url;
    return options;
  }
  /// Hears at once what others did until now.
  void catch_up() {
    world.engine().run([](engine::Executor& executor) { EXPECT_TRUE(executor.take_news().ok()); });
  }
  bool knows_of(std::uint64_t writers) {
    return testing::comes_true([&] { return world.engine().stats().writers == writers; });
  }

  PostgresStore store;
  ApiWorld world;
};

class ApiNodes : public testing::PostgresTest {
 protected:
  std::unique_ptr<Node> add(const RateLimits& rates) {
    ApiOptions options;
    options.rates = rates;
    return std::make_unique<Node>(schema_->url(), options);
  }
};

/// Two checkouts an app, whichever node they are asked of.
class ApiNodesReservations : public ApiNodes {
 protected:
  void SetUp() override {
    ApiNodes::SetUp();
    if (IsSkipped()) return;
    first_ = add({.reservations_per_app = 2});
    ApiWorld& world = first_->world;
    app_ = world.secret_for("app", world.account(world.operator_secret, "bot"));
    user_ = world.account(app_);
    edition_ = world.edition(R"("stars":25,"supply":100)");
    second_ = add({.reservations_per_app = 2});
  }
  ApiWorld::Answer reserve(Node& node, std::string_view key) {
    return node.world.send("POST", "/v1/editions/" + edition_ + "/reservations", app_, key,
                           "{\"account\":\"" + user_ + R"(","seconds":3600})");
  }

  std::unique_ptr<Node> first_;
  std::unique_ptr<Node> second_;
  std::string app_;
  std::string user_;
  std::string edition_;
};

TEST_F(ApiNodesReservations, OpenOnesCountWhereverTheyWereMade) {
  const auto made = reserve(*first_, "1");
  ASSERT_EQ(made.status, 201U) << made.body;
  second_->catch_up();
  ASSERT_EQ(reserve(*second_, "2").status, 201U);
  first_->catch_up();
  EXPECT_EQ(reserve(*first_, "3").status, 429U);
  const auto over = reserve(*second_, "4");
  EXPECT_EQ(member(over.body, "reservations_per_app"), "2");
  EXPECT_EQ(member(over.body, "open"), "2");

  // What was answered before is answered the same by any node.
  const auto again = reserve(*second_, "1");
  EXPECT_EQ(again.status, 201U);
  EXPECT_EQ(again.body, made.body);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");

  // One that begins later counts what was open before it.
  const auto third = add({.reservations_per_app = 2});
  EXPECT_EQ(reserve(*third, "5").status, 429U);
  const std::string path = "/v1/reservations/" + member(made.body, "reservation") + "/release";
  EXPECT_EQ(third->world.send("POST", path, app_, "r", "{}").status, 200U);
  first_->catch_up();
  EXPECT_EQ(reserve(*first_, "3").status, 201U) << "a refusal does not use up the key";
  third->catch_up();
  EXPECT_EQ(reserve(*third, "6").status, 429U);
}

TEST_F(ApiNodes, EachPassesItsPartOfTheReversals) {
  const auto first = add({.reversals_per_minute = 2});
  const auto report = [](Node& node, const std::string& name) {
    return node.world.post("/v1/reversals", "r" + name,
                           R"({"provider":"store","reference":")" + name + "\"}");
  };
  const auto second = add({.reversals_per_minute = 2});
  ASSERT_TRUE(first->knows_of(2) && second->knows_of(2));
  const std::string page = second->world.send("GET", "/metrics", "").body;
  EXPECT_NE(page.find("\nstardrop_nodes_alive 2\n"), std::string::npos);
  const auto passed = report(*first, "1");
  EXPECT_EQ(passed.status, 200U) << passed.body;
  const auto over = report(*first, "2");
  EXPECT_EQ(over.status, 429U);
  EXPECT_EQ(member(over.body, "reversals_per_minute"), "1");
  EXPECT_EQ(report(*second, "2").status, 200U);
  EXPECT_EQ(report(*second, "3").status, 429U);
  for (Node* const node : {first.get(), second.get()}) {
    const auto again = report(*node, "1");
    EXPECT_EQ(again.body, passed.body) << "beyond the rate, too";
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  }
}

}  // namespace
}  // namespace stardrop::api::test
