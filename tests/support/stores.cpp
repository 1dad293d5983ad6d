// Stores for tests.
#include "tests/support/stores.h"

#include <filesystem>
#include <string>
#include <utility>

#include <stdlib.h>

#include "base/check.h"
#include "storage/memory/memory_store.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::testing {

TempFolder::TempFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "stardrop-XXXXXX").string();
  STARDROP_ASSERT(::mkdtemp(pattern.data()) != nullptr, "a temporary folder can be made");
  path_ = std::move(pattern);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string name_of_store(StoreKind kind) {
  switch (kind) {
    case StoreKind::memory: return "memory";
    case StoreKind::sqlite: return "sqlite";
    case StoreKind::sqlite_small: return "sqlite_small";
  }
  return "";
}

storage::SqliteOptions small_sqlite(std::string path) {
  storage::SqliteOptions options;
  options.path = std::move(path);
  options.synchronous = storage::Synchronous::off;
  options.cache_bytes_max = std::size_t{16} << 10U;
  options.page_cache_bytes = std::size_t{64} << 10U;
  options.redo_bytes_max = std::size_t{4} << 10U;
  options.wal_bytes_max = std::size_t{64} << 10U;
  options.key_chunk_bytes = 256;
  return options;
}

AnyStore::AnyStore(StoreKind kind) : kind_(kind) { crash(); }

AnyStore::~AnyStore() = default;

void AnyStore::crash() {
  if (kind_ == StoreKind::memory) {
    if (!store_) store_ = std::make_unique<storage::MemoryStore>();
    return;
  }
  store_.reset();
  storage::SqliteOptions options = small_sqlite(folder_ / "stardrop.db");
  if (kind_ == StoreKind::sqlite) {
    options = storage::SqliteOptions();
    options.path = folder_ / "stardrop.db";
    options.synchronous = storage::Synchronous::off;  // only a power cut would tell
  }
  store_ = std::make_unique<storage::SqliteStore>(std::move(options));
}

}  // namespace stardrop::testing
