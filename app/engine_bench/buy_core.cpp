// buy-core: durable purchases in process, through the executor and the SQLite store.
#include "app/engine_bench/buy_core.h"

namespace stardrop::bench {

Result<BuyCoreFigures> buy_core(Shop& shop,
                                std::int64_t batch,
                                std::int64_t seconds,
                                const std::function<bool(std::int64_t)>& go_on) {
  const storage::SqliteFigures before = shop.figures();
  Stretch stretch;
  STARDROP_TRY(shop.buy(batch, stretch, [&](const Stretch& so_far) {
    const std::int64_t worked_us = so_far.commits.total_us();
    if (!go_on(worked_us)) return true;
    return so_far.bought > 0 && worked_us >= seconds * 1'000'000;
  }));
  const storage::SqliteFigures now = shop.figures();
  BuyCoreFigures out;
  out.batch = batch;
  out.per_second = stretch.per_second();
  out.cpu_us = stretch.cpu_us_each();
  out.written = stretch.written_each();
  out.p50_us = stretch.commits.percentile_us(500);
  out.p99_us = stretch.commits.percentile_us(990);
  out.max_us = stretch.commits.percentile_us(1000);
  out.checkpoints = now.checkpoints - before.checkpoints;
  out.sweeps = now.sweeps - before.sweeps;
  out.rows_written_back = now.rows_written_back - before.rows_written_back;
  out.redo_bytes = now.redo_bytes;
  out.wal_bytes = now.wal_bytes;
  return out;
}

}  // namespace stardrop::bench
