// Stores for tests that must hold on each of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/temp_folder.h"
#include "engine/store.h"
#include "storage/sqlite/small_limits.h"

namespace stardrop::testing {

using stardrop::TempFolder;

/// Which store; the parameter of tests that run on each.
enum class StoreKind : std::uint8_t { memory, sqlite, sqlite_small };

/// For the names of parametrised tests.
std::string name_of_store(StoreKind kind);

/// All kinds, for `INSTANTIATE_TEST_SUITE_P(Stores, …, testing::ValuesIn(kAllStores), …)`.
inline constexpr StoreKind kAllStores[] = {StoreKind::memory, StoreKind::sqlite,
                                           StoreKind::sqlite_small};

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
  std::unique_ptr<engine::Store> store_;
};

/// What `sqlite_small` is.
using storage::small_limits;

}  // namespace stardrop::testing
