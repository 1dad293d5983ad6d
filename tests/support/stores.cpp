// Stores for tests.
#include "tests/support/stores.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string>
#include <utility>

#include <unistd.h>

#include "base/check.h"
#include "storage/memory/memory_store.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/postgres_store.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::testing {

std::string name_of_store(StoreKind kind) {
  switch (kind) {
    case StoreKind::memory: return "memory";
    case StoreKind::sqlite: return "sqlite";
    case StoreKind::sqlite_small: return "sqlite_small";
    case StoreKind::postgres: return "postgres";
  }
  return "";
}

namespace {

/// The server of the tests; null if there is none.
const char* server() { return std::getenv("TEST_POSTGRES_URL"); }

void run_on_server(const std::string& sql) {
  auto db = storage::postgres::Connection::open(server(), "stardrop tests");
  STARDROP_ASSERT(db.ok() && db->script(sql).ok(), "the tests' PostgreSQL server is there");
}

}  // namespace

bool is_at_hand(StoreKind kind) { return kind != StoreKind::postgres || server() != nullptr; }

std::vector<StoreKind> stores_at_hand() {
  std::vector<StoreKind> out;
  std::ranges::copy_if(kAllStores, std::back_inserter(out), is_at_hand);
  return out;
}

PostgresSchema::PostgresSchema() {
  static int made = 0;
  name_ = "t" + std::to_string(::getpid()) + "_" + std::to_string(made++);
  run_on_server("CREATE SCHEMA " + name_);
  url_ = server();
  url_ += url_.find('?') == std::string::npos ? '?' : '&';
  url_ += "options=-csearch_path%3D" + name_;
}

PostgresSchema::~PostgresSchema() {
  run_on_server("SET client_min_messages = warning; DROP SCHEMA " + name_ + " CASCADE");
}

AnyStore::AnyStore(StoreKind kind) : kind_(kind) {
  if (kind == StoreKind::postgres) schema_.emplace();
  crash();
}

AnyStore::~AnyStore() = default;

void AnyStore::crash() {
  if (kind_ == StoreKind::memory) {
    if (!store_) store_ = std::make_unique<storage::MemoryStore>();
    return;
  }
  store_.reset();
  if (kind_ == StoreKind::postgres) {
    storage::postgres::Options options;
    options.url = schema_->url();
    store_ = std::make_unique<storage::postgres::PostgresStore>(std::move(options));
    return;
  }
  storage::SqliteOptions options = small_limits(folder_ / "stardrop.db");
  if (kind_ == StoreKind::sqlite) {
    options = storage::SqliteOptions();
    options.path = folder_ / "stardrop.db";
    options.synchronous = storage::Synchronous::off;  // only a power cut would tell
  }
  store_ = std::make_unique<storage::SqliteStore>(std::move(options));
}

}  // namespace stardrop::testing
