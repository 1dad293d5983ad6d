// Tests on a schema of their own, and tests that wait for other threads.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/time.h"
#include "storage/postgres/connection.h"
#include "tests/support/stores.h"

namespace stardrop::testing {

/// Has a schema, or is skipped where there is no server. A test that prepares more calls this first
/// and stops if `IsSkipped()`.
class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!is_at_hand(StoreKind::postgres)) GTEST_SKIP() << kNoPostgres;
    schema_.emplace();
  }
  /// A session of somebody else than a node.
  storage::postgres::Connection connect() {
    auto db = storage::postgres::Connection::open(schema_->url(), "stardrop tests");
    EXPECT_TRUE(db.ok());
    return std::move(db).value();
  }
  /// One statement in such a session.
  void sql(const std::string& text) {
    const Status ran = connect().script(text);
    ASSERT_TRUE(ran.ok()) << ran.error().detail_text();
  }

  std::optional<PostgresSchema> schema_;
};

/// Polls; false if it does not come true within half a minute.
inline bool comes_true(const std::function<bool()>& what) {
  const SystemClock clock;
  const Instant deadline = clock.now().plus(Duration::seconds(30));
  while (!what()) {
    if (clock.now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace stardrop::testing
