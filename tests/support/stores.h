// Stores for tests that must hold on each of them, and a folder that goes away with the test.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/store.h"
#include "storage/sqlite/options.h"

namespace stardrop::testing {

/// A folder of its own below the system's temporary one; removed with everything in it.
class TempFolder {
 public:
  TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder();

  const std::string& path() const noexcept { return path_; }
  std::string operator/(std::string_view name) const { return path_ + '/' + std::string(name); }

 private:
  std::string path_;
};

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

/// What `sqlite_small` is: limits so small that write-back, eviction, checkpoints and key chunks
/// happen all the time. It doesn't wait for the disk: a process that dies loses nothing by that.
storage::SqliteOptions small_sqlite(std::string path);

}  // namespace stardrop::testing
