// Stores for tests that must hold on each of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/temp_folder.h"
#include "engine/store.h"
#include "storage/sqlite/small_limits.h"

namespace stardrop::testing {

using stardrop::TempFolder;

/// Which store; the parameter of tests that run on each.
enum class StoreKind : std::uint8_t { memory, sqlite, sqlite_small, postgres };

/// For the names of parametrised tests.
std::string name_of_store(StoreKind kind);

/// All kinds, for `INSTANTIATE_TEST_SUITE_P(Stores, …, testing::ValuesIn(kAllStores), …)`.
inline constexpr StoreKind kAllStores[] = {StoreKind::memory, StoreKind::sqlite,
                                           StoreKind::sqlite_small, StoreKind::postgres};

/// Whether this machine has it: a PostgreSQL server is named by TEST_POSTGRES_URL, which
/// `scripts/test` starts.
bool is_at_hand(StoreKind kind);
/// All kinds that are at hand.
std::vector<StoreKind> stores_at_hand();
/// What a test that is skipped says.
inline constexpr std::string_view kNoPostgres =
    "no PostgreSQL server: scripts/dev_postgres run -- COMMAND starts one";

/// A schema of its own on the server of the tests; dropped at the end.
class PostgresSchema {
 public:
  PostgresSchema();
  PostgresSchema(const PostgresSchema&) = delete;
  PostgresSchema& operator=(const PostgresSchema&) = delete;
  ~PostgresSchema();

  /// Where a store finds it.
  const std::string& url() const noexcept { return url_; }
  const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
  std::string url_;
};

/// An empty store and what it stands on.
class AnyStore {
 public:
  explicit AnyStore(StoreKind kind);
  ~AnyStore();

  engine::Store& store() noexcept { return *store_; }
  /// As after a kill -9: the object is thrown away, a new one finds what was durable. The executor
  /// on top must be made anew, or opened again.
  void crash();

 private:
  StoreKind kind_;
  TempFolder folder_;
  std::optional<PostgresSchema> schema_;
  std::unique_ptr<engine::Store> store_;
};

/// What `sqlite_small` is.
using storage::small_limits;

}  // namespace stardrop::testing
