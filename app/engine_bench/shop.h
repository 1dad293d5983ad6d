// A shop in process: buyers with Stars, editions on sale, an executor on a store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/engine_bench/meter.h"
#include "base/random.h"
#include "base/time.h"
#include "engine/executor.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::bench {

/// What stands in the shop.
struct ShopPlan {
  std::int64_t accounts = 1'000'000;
  std::int64_t editions = 1;
  std::int64_t per_account = 0;  ///< a cap, which adds a row per buyer; 0: none
  storage::SqliteOptions store;
  std::string postgres;  ///< the URL of a PostgreSQL database instead
};

/// What a stretch of purchases cost. The making of the requests is left out of all of it.
struct Stretch {
  std::int64_t bought = 0;
  std::int64_t cpu_us = 0;
  std::int64_t written = 0;  ///< bytes given to the disk
  Meter commits;             ///< one piece is one batch, from the request to the durable answer

  std::int64_t per_second() const;
  double cpu_us_each() const;
  std::int64_t written_each() const;
};

/// One thread.
class Shop {
 public:
  explicit Shop(const ShopPlan& plan);

  Status open() { return executor_.open(); }
  /// Opens the accounts, gives each a million Stars, publishes the editions. `go_on` is told how
  /// many accounts there are; if it returns false the shop stays unfinished.
  Status stock(const std::function<bool(std::int64_t accounts)>& go_on = {});
  /// Buys in batches until `enough(stretch)`, which is asked now and then.
  template <class Enough>
  Status buy(std::int64_t batch, Stretch& into, Enough&& enough) {
    while (!enough(into)) STARDROP_TRY(buy_some(batch, into));
    return done();
  }
  /// Writes everything back.
  Status close() { return executor_.flush(); }

  /// Nothing but zeros for another store than SQLite.
  storage::SqliteFigures figures() const {
    return sqlite_ != nullptr ? sqlite_->figures() : storage::SqliteFigures();
  }
  const std::vector<EditionId>& editions() const { return editions_; }

 private:
  engine::Request request(market::AnyCommand command);
  engine::Request purchase();
  Status execute();
  Status buy_some(std::int64_t batch, Stretch& into);

  const ShopPlan plan_;
  SystemClock clock_;
  const storage::SqliteStore* sqlite_ = nullptr;  // the store, if it is one
  std::unique_ptr<engine::Store> store_;
  engine::Executor executor_;
  Random random_;
  std::vector<AccountId> accounts_;
  std::vector<EditionId> editions_;
  std::vector<engine::Request> requests_;
  std::vector<engine::Outcome> outcomes_;
  std::uint64_t keys_ = 0;
  const std::uint64_t run_ = entropy64();
};

/// Removes a database with what belongs to it.
void remove_database(const std::string& path);

}  // namespace stardrop::bench
