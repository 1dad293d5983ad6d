// buy-core.
#include "bench/buy_core.h"

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/shop.h"

namespace stardrop::bench {
namespace {

struct Settings {
  ShopPlan plan;
  std::int64_t seconds = 5;
  std::vector<std::int64_t> batches = {1, 10, 100, 1000};
  bool ask = false;
  bool keep = false;
  bool json = false;
};

constexpr const char* kHelp = R"(Usage: stardrop_bench buy-core [option…]
  --accounts N        buyers (1000000)
  --editions N        editions that sell at once (1)
  --per-account N     a cap per account, which adds a row per buyer (0: none)
  --batches N,N…      purchases per commit (1,10,100,1000)
  --ask               read batches from standard input instead, a number a line, and wait for each
  --seconds N         length of each run (5)
  --path FILE         the database (var/buy-core.db); an existing one is bought from again
  --redo-mb N         redo log before rows are written back
  --wal-mb N          write-ahead log before it is moved into the file
  --cache-mb N        memory for loaded rows
  --synchronous off   don't wait for the disk
  --write-through     write every changed row with its batch
  --no-checksums      no checksum on pages
  --keep              don't remove the database
  --json              one object a line
)";

bool read(Settings& out, std::span<const std::string_view> arguments) {
  std::int64_t redo_mb = 0;
  std::int64_t wal_mb = 0;
  std::int64_t cache_mb = 0;
  std::string synchronous = "full";
  bool no_checksums = false;
  out.plan.store.path = "var/buy-core.db";
  Options options;
  options.number("--accounts", out.plan.accounts)
      .number("--editions", out.plan.editions)
      .number("--per-account", out.plan.per_account)
      .numbers("--batches", out.batches)
      .flag("--ask", out.ask)
      .number("--seconds", out.seconds)
      .text("--path", out.plan.store.path)
      .number("--redo-mb", redo_mb)
      .number("--wal-mb", wal_mb)
      .number("--cache-mb", cache_mb)
      .text("--synchronous", synchronous)
      .flag("--write-through", out.plan.store.write_through)
      .flag("--no-checksums", no_checksums)
      .flag("--keep", out.keep)
      .flag("--json", out.json);
  if (!options.read(arguments)) return false;
  if (synchronous != "full" && synchronous != "off") return false;
  if (synchronous == "off") out.plan.store.synchronous = storage::Synchronous::off;
  out.plan.store.page_checksums = !no_checksums;
  const auto set_mb = [](std::int64_t mb, std::size_t& bytes) {
    if (mb > 0) bytes = static_cast<std::size_t>(mb) << 20U;
  };
  set_mb(redo_mb, out.plan.store.redo_bytes_max);
  set_mb(wal_mb, out.plan.store.wal_bytes_max);
  set_mb(cache_mb, out.plan.store.cache_bytes_max);
  return true;
}

void print_json(std::int64_t batch, Stretch& stretch) {
  std::printf(
      "{\"batch\":%lld,\"per_second\":%lld,\"cpu_us\":%.3f,\"written\":%lld,\"p50_us\":%lld,"
      "\"p99_us\":%lld,\"max_us\":%lld}\n",
      static_cast<long long>(batch), static_cast<long long>(stretch.per_second()),
      stretch.cpu_us_each(), static_cast<long long>(stretch.written_each()),
      static_cast<long long>(stretch.commits.percentile_us(500)),
      static_cast<long long>(stretch.commits.percentile_us(990)),
      static_cast<long long>(stretch.commits.percentile_us(1000)));
}

void print_titles() {
  std::printf("%6s  %9s  %6s  %8s  %26s  %6s %5s %9s  %6s %6s\n", "batch", "per s", "cpu us",
              "B writ.", "us a batch: p50  p99  max", "checkp", "sweep", "rows back", "redoMB",
              "walMB");
}

void print_row(std::int64_t batch,
               Stretch& stretch,
               const storage::SqliteFigures& before,
               const storage::SqliteFigures& now) {
  std::printf("%6lld  %9lld  %6.2f  %8lld  %8lld %8lld %8lld  %6llu %5llu %9llu  %6zu %6zu\n",
              static_cast<long long>(batch), static_cast<long long>(stretch.per_second()),
              stretch.cpu_us_each(), static_cast<long long>(stretch.written_each()),
              static_cast<long long>(stretch.commits.percentile_us(500)),
              static_cast<long long>(stretch.commits.percentile_us(990)),
              static_cast<long long>(stretch.commits.percentile_us(1000)),
              static_cast<unsigned long long>(now.checkpoints - before.checkpoints),
              static_cast<unsigned long long>(now.sweeps - before.sweeps),
              static_cast<unsigned long long>(now.rows_written_back - before.rows_written_back),
              now.redo_bytes >> 20U, now.wal_bytes >> 20U);
}

Status run(Shop& shop, std::int64_t batch, const Settings& settings) {
  const storage::SqliteFigures before = shop.figures();
  Stretch stretch;
  STARDROP_TRY(shop.buy(batch, stretch, [&](const Stretch& so_far) {
    return so_far.commits.total_us() >= settings.seconds * 1'000'000;
  }));
  if (settings.json) {
    print_json(batch, stretch);
  } else {
    print_row(batch, stretch, before, shop.figures());
  }
  std::fflush(stdout);
  return done();
}

Status run_all(Shop& shop, const Settings& settings) {
  if (!settings.ask) {
    for (const std::int64_t batch : settings.batches) STARDROP_TRY(run(shop, batch, settings));
    return done();
  }
  std::printf("ready\n");
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto batch = whole_number(line);
    if (!batch || *batch == 0) return ErrorCode::invalid_value;
    STARDROP_TRY(run(shop, *batch, settings));
  }
  return done();
}

}  // namespace

int buy_core(std::span<const std::string_view> arguments) {
  Settings settings;
  if (!read(settings, arguments)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  make_room(settings.plan.store.path);
  {
    Shop shop(settings.plan);
    if (Status opened = shop.open(); !opened) return fail(opened.error());
    if (Status stocked = shop.stock(); !stocked) return fail(stocked.error());
    if (!settings.json) print_titles();
    if (Status ran = run_all(shop, settings); !ran) return fail(ran.error());
    if (Status closed = shop.close(); !closed) return fail(closed.error());
  }
  if (!settings.keep) remove_database(settings.plan.store.path);
  return 0;
}

}  // namespace stardrop::bench
