// buy-core: durable purchases in process, through the executor and the SQLite store.
#pragma once

#include <cstdint>
#include <functional>

#include "app/engine_bench/shop.h"

namespace stardrop::bench {

/// What batches of one size came to.
struct BuyCoreFigures {
  std::int64_t batch = 0;
  std::int64_t per_second = 0;
  double cpu_us = 0;         ///< of each purchase
  std::int64_t written = 0;  ///< bytes, of each purchase
  // From the request to the durable answer, of each batch.
  std::int64_t p50_us = 0;
  std::int64_t p99_us = 0;
  std::int64_t max_us = 0;
  // What the store did meanwhile, and how long its logs are now.
  std::uint64_t checkpoints = 0;
  std::uint64_t sweeps = 0;
  std::uint64_t rows_written_back = 0;
  std::uint64_t redo_bytes = 0;
  std::uint64_t wal_bytes = 0;
};

/// Buys in batches of one size for so many seconds of work, at least some hundred batches or ten
/// thousand purchases. `go_on` is told now and then how many microseconds have been worked; false
/// ends it.
Result<BuyCoreFigures> buy_core(Shop& shop,
                                std::int64_t batch,
                                std::int64_t seconds,
                                const std::function<bool(std::int64_t worked_us)>& go_on);

}  // namespace stardrop::bench
