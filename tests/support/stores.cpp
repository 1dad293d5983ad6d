// Stores for tests.
#include "tests/support/stores.h"

#include <string>
#include <utility>

#include "storage/memory/memory_store.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::testing {

std::string name_of_store(StoreKind kind) {
  switch (kind) {
    case StoreKind::memory: return "memory";
    case StoreKind::sqlite: return "sqlite";
    case StoreKind::sqlite_small: return "sqlite_small";
  }
  return "";
}

AnyStore::AnyStore(StoreKind kind) : kind_(kind) { crash(); }

AnyStore::~AnyStore() = default;

void AnyStore::crash() {
  if (kind_ == StoreKind::memory) {
    if (!store_) store_ = std::make_unique<storage::MemoryStore>();
    return;
  }
  store_.reset();
  storage::SqliteOptions options = small_limits(folder_ / "stardrop.db");
  if (kind_ == StoreKind::sqlite) {
    options = storage::SqliteOptions();
    options.path = folder_ / "stardrop.db";
    options.synchronous = storage::Synchronous::off;  // only a power cut would tell
  }
  store_ = std::make_unique<storage::SqliteStore>(std::move(options));
}

}  // namespace stardrop::testing
