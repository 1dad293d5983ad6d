// growth: what a purchase costs as the shop grows, and what is left behind.
#include "bench/growth.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "app/engine_bench/shop.h"
#include "bench/options.h"

namespace stardrop::bench {
namespace {

struct Settings {
  ShopPlan plan;
  std::vector<std::int64_t> gifts = {10'000, 1'000'000};
  std::int64_t window = 200'000;
  std::int64_t batch = 1000;
  bool until_killed = false;
};

constexpr const char* kHelp = R"(Usage: stardrop_bench growth [option…]
  --gifts N,N…        sizes at which to measure, rising (10000,1000000)
  --window N          purchases of a measurement, from each size on (200000)
  --accounts N        buyers (1000000)
  --batch N           purchases per commit (1000)
  --cache-mb N        memory for loaded rows
  --path FILE         the database (var/growth.db); it is kept
  --until-killed      go on buying afterwards, and print how many are sold
Prints one object a line.
)";

/// Memory in use, bytes.
std::int64_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::int64_t kib = 0;
  while (status >> word) {
    if (word == "VmRSS:") status >> kib;
  }
  return kib * 1024;
}

std::int64_t file_bytes(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 ? static_cast<std::int64_t>(found.st_size) : 0;
}

bool read(Settings& out, std::span<const std::string_view> arguments) {
  std::int64_t cache_mb = 0;
  out.plan.store.path = "var/growth.db";
  Options options;
  options.numbers("--gifts", out.gifts)
      .number("--window", out.window)
      .number("--accounts", out.plan.accounts)
      .number("--batch", out.batch)
      .number("--cache-mb", cache_mb)
      .text("--path", out.plan.store.path)
      .flag("--until-killed", out.until_killed);
  if (!options.read(arguments) || out.batch == 0) return false;
  if (cache_mb > 0) out.plan.store.cache_bytes_max = static_cast<std::size_t>(cache_mb) << 20U;
  return true;
}

class Growth {
 public:
  Growth(const Settings& settings, Shop& shop) : settings_(settings), shop_(shop) {}

  Status run() {
    std::printf("{\"edition\":\"%s\",\"file_bytes\":%lld}\n",
                shop_.editions().front().text().c_str(),
                static_cast<long long>(file_bytes(settings_.plan.store.path)));
    for (const std::int64_t size : settings_.gifts) {
      Stretch filling;
      STARDROP_TRY(buy(size - sold_, filling));
      Stretch measured;
      STARDROP_TRY(buy(settings_.window, measured));
      print(size, measured,
            std::max(filling.commits.percentile_us(1000), measured.commits.percentile_us(1000)));
    }
    if (settings_.until_killed) return buy_until_killed();
    Meter closing;
    closing.begin();
    STARDROP_TRY(shop_.close());
    closing.end();
    std::printf("{\"sold\":%lld,\"file_bytes\":%lld,\"close_us\":%lld}\n",
                static_cast<long long>(sold_),
                static_cast<long long>(file_bytes(settings_.plan.store.path)),
                static_cast<long long>(closing.total_us()));
    std::fflush(stdout);
    return done();
  }

 private:
  Status buy(std::int64_t count, Stretch& into) {
    STARDROP_TRY(shop_.buy(settings_.batch, into,
                           [&](const Stretch& so_far) { return so_far.bought >= count; }));
    sold_ += into.bought;
    return done();
  }

  void print(std::int64_t size, Stretch& measured, std::int64_t longest_us) const {
    std::printf(
        "{\"gifts\":%lld,\"per_second\":%lld,\"cpu_us\":%.3f,\"written\":%lld,\"p99_us\":%lld,"
        "\"longest_us\":%lld,\"resident_bytes\":%lld,\"file_bytes\":%lld,\"sold\":%lld}\n",
        static_cast<long long>(size), static_cast<long long>(measured.per_second()),
        measured.cpu_us_each(), static_cast<long long>(measured.written_each()),
        static_cast<long long>(measured.commits.percentile_us(990)),
        static_cast<long long>(longest_us), static_cast<long long>(resident_bytes()),
        static_cast<long long>(file_bytes(settings_.plan.store.path)),
        static_cast<long long>(sold_));
    std::fflush(stdout);
  }

  Status buy_until_killed() {
    for (;;) {
      Stretch some;
      STARDROP_TRY(buy(1, some));
      std::printf("{\"sold\":%lld}\n", static_cast<long long>(sold_));
      std::fflush(stdout);
    }
  }

  const Settings& settings_;
  Shop& shop_;
  std::int64_t sold_ = 0;
};

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n%s\n", std::string(error.detail_text()).c_str(),
               std::string(info(error.code()).title).c_str());
  return 1;
}

void make_room(const std::string& path) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
}

}  // namespace

int growth(std::span<const std::string_view> arguments) {
  Settings settings;
  if (!read(settings, arguments)) {
    std::fputs(kHelp, stderr);
    return 2;
  }
  make_room(settings.plan.store.path);
  remove_database(settings.plan.store.path);
  Shop shop(settings.plan);
  if (Status opened = shop.open(); !opened) return fail(opened.error());
  if (Status stocked = shop.stock(); !stocked) return fail(stocked.error());
  if (Status ran = Growth(settings, shop).run(); !ran) return fail(ran.error());
  return 0;
}

}  // namespace stardrop::bench
