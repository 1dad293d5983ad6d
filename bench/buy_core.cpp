// buy-core.
#include "bench/buy_core.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "base/time.h"
#include "bench/meter.h"
#include "engine/executor.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::bench {
namespace {

struct Settings {
  std::int64_t accounts = 1'000'000;
  std::int64_t editions = 1;
  std::int64_t seconds = 5;
  std::int64_t per_account = 0;
  std::vector<std::int64_t> batches = {1, 10, 100, 1000};
  storage::SqliteOptions store;
  bool keep = false;
};

constexpr std::string_view kHelp = R"(Usage: stardrop_bench buy-core [option…]
  --accounts N        buyers (1000000)
  --editions N        editions that sell at once (1)
  --per-account N     a cap per account, which adds a row per buyer (0: none)
  --batches N,N…      purchases per commit (1,10,100,1000)
  --seconds N         length of each run (5)
  --path FILE         the database (var/buy-core.db); an existing one is bought from again
  --redo-mb N         redo log before rows are written back
  --wal-mb N          write-ahead log before it is moved into the file
  --cache-mb N        memory for loaded rows
  --synchronous off   don't wait for the disk
  --write-through     write every changed row with its batch
  --no-checksums      no checksum on pages
  --keep              don't remove the database
)";

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  if (text.empty()) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

std::optional<std::vector<std::int64_t>> numbers(std::string_view text) {
  std::vector<std::int64_t> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto each = number(text.substr(0, comma));
    if (!each || *each == 0) return std::nullopt;
    out.push_back(*each);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

/// Takes one option with its value; false if it is none.
bool take(Settings& out, std::string_view name, std::string_view value) {
  if (name == "--batches") {
    auto list = numbers(value);
    if (list) out.batches = *std::move(list);
    return list.has_value();
  }
  if (name == "--path") {
    out.store.path = std::string(value);
    return true;
  }
  if (name == "--synchronous" && value == "off") {
    out.store.synchronous = storage::Synchronous::off;
    return true;
  }
  const auto count = number(value);
  if (!count) return false;
  const auto bytes = static_cast<std::size_t>(*count) << 20U;
  if (name == "--accounts")
    out.accounts = *count;
  else if (name == "--editions")
    out.editions = *count;
  else if (name == "--per-account")
    out.per_account = *count;
  else if (name == "--seconds")
    out.seconds = *count;
  else if (name == "--redo-mb")
    out.store.redo_bytes_max = bytes;
  else if (name == "--wal-mb")
    out.store.wal_bytes_max = bytes;
  else if (name == "--cache-mb")
    out.store.cache_bytes_max = bytes;
  else
    return false;
  return true;
}

std::optional<Settings> parse(std::span<const std::string_view> arguments) {
  Settings out;
  out.store.path = "var/buy-core.db";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--write-through") {
      out.store.write_through = true;
    } else if (arguments[i] == "--no-checksums") {
      out.store.page_checksums = false;
    } else if (arguments[i] == "--keep") {
      out.keep = true;
    } else if (i + 1 == arguments.size() || !take(out, arguments[i], arguments[i + 1])) {
      return std::nullopt;
    } else {
      ++i;
    }
  }
  return out;
}

/// The shop on top of the store.
class Market {
 public:
  explicit Market(const Settings& settings)
      : settings_(settings), store_(settings.store), executor_(store_, clock_, {}), random_(7) {}

  Status open() { return executor_.open(); }
  Status stock();
  Status run(std::int64_t batch);
  Status close() { return executor_.flush(); }

 private:
  engine::Request request(market::AnyCommand command) {
    engine::Request out;
    out.caller.kind = market::CallerKind::operator_;
    out.idempotency_key = "bench-" + std::to_string(++keys_) + '-' + std::to_string(run_);
    out.fingerprint = keys_;
    out.command = std::move(command);
    return out;
  }
  /// Carries out a batch; the first refusal, if there is one.
  Status execute() {
    executor_.execute(requests_, outcomes_);
    for (engine::Outcome& each : outcomes_) {
      if (!each) return std::move(each).error();
    }
    return executor_.tidy(false);
  }

  const Settings& settings_;
  SystemClock clock_;
  storage::SqliteStore store_;
  engine::Executor executor_;
  Random random_;
  std::vector<AccountId> accounts_;
  std::vector<EditionId> editions_;
  std::vector<engine::Request> requests_;
  std::vector<engine::Outcome> outcomes_;
  std::uint64_t keys_ = 0;
  std::uint64_t run_ = entropy64();
};

Status Market::stock() {
  for (std::int64_t made = 0; made < settings_.accounts; made += 1000) {
    requests_.clear();
    for (int i = 0; i < 1000; ++i) requests_.push_back(request(market::CreateAccount()));
    STARDROP_TRY(execute());
    requests_.clear();
    for (const engine::Outcome& each : outcomes_) {
      accounts_.push_back(std::get<market::CreateAccount::Reply>(each->reply).id);
      market::TopUp top_up;
      top_up.account = accounts_.back();
      top_up.stars = Stars::whole(1'000'000);
      top_up.provider = "bench";
      top_up.reference = std::to_string(run_) + std::to_string(accounts_.size());
      requests_.push_back(request(top_up));
    }
    STARDROP_TRY(execute());
  }
  requests_.clear();
  for (std::int64_t i = 0; i < settings_.editions; ++i) {
    market::CreateEdition edition;
    edition.title = "Edition " + std::to_string(run_) + ' ' + std::to_string(i);
    edition.stars = Stars::whole(1);
    edition.supply = 1'000'000'000'000;
    if (settings_.per_account > 0) edition.per_account = settings_.per_account;
    requests_.push_back(request(edition));
  }
  STARDROP_TRY(execute());
  for (const engine::Outcome& each : outcomes_) {
    editions_.push_back(std::get<market::CreateEdition::Reply>(each->reply).id);
  }
  return executor_.flush();
}

Status Market::run(std::int64_t batch) {
  Meter meter;
  const Usage before = Usage::now();
  const storage::SqliteFigures figures = store_.figures();
  std::int64_t client_us = 0;
  std::int64_t bought = 0;
  while (meter.total_us() < settings_.seconds * 1'000'000) {
    const Usage start = Usage::now();
    std::int64_t pieces = 0;
    // The client's part is made ahead for a while, so that its cost can be left out.
    std::vector<std::vector<engine::Request>> ahead(
        static_cast<std::size_t>(std::max<std::int64_t>(10'000 / batch, 1)));
    for (auto& requests : ahead) {
      for (std::int64_t i = 0; i < batch; ++i) {
        market::SendGift gift;
        gift.edition = editions_[random_.below(editions_.size())];
        gift.from = accounts_[random_.below(accounts_.size())];
        gift.to = gift.from;
        gift.max_price = Stars::whole(1);
        requests.push_back(request(gift));
      }
    }
    client_us += Usage::now().cpu_us - start.cpu_us;
    for (auto& requests : ahead) {
      requests_.swap(requests);
      meter.begin();
      STARDROP_TRY(execute());
      meter.end();
      ++pieces;
    }
    bought += pieces * batch;
  }
  const Usage after = Usage::now();
  const storage::SqliteFigures now = store_.figures();
  std::printf(
      "%6lld  %9lld  %6.2f  %8lld  %8lld %8lld %8lld  %6llu %5llu %9llu  %6zu %6zu\n",
      static_cast<long long>(batch),
      static_cast<long long>(bought * 1'000'000 / std::max<std::int64_t>(meter.total_us(), 1)),
      static_cast<double>(after.cpu_us - before.cpu_us - client_us) / static_cast<double>(bought),
      static_cast<long long>((after.written - before.written) / bought),
      static_cast<long long>(meter.percentile_us(500)),
      static_cast<long long>(meter.percentile_us(990)),
      static_cast<long long>(meter.percentile_us(1000)),
      static_cast<unsigned long long>(now.checkpoints - figures.checkpoints),
      static_cast<unsigned long long>(now.sweeps - figures.sweeps),
      static_cast<unsigned long long>(now.rows_written_back - figures.rows_written_back),
      now.redo_bytes >> 20U, now.wal_bytes >> 20U);
  std::fflush(stdout);
  return done();
}

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", std::string(error.detail_text()).c_str());
  std::fprintf(stderr, "%s\n", std::string(info(error.code()).title).c_str());
  return 1;
}

void remove_database(const std::string& path) {
  for (const char* end : {"", "-wal", "-shm", ".lock"}) {
    std::error_code ignored;
    std::filesystem::remove(path + end, ignored);
  }
}

}  // namespace

int buy_core(std::span<const std::string_view> arguments) {
  const auto settings = parse(arguments);
  if (!settings) {
    std::fputs(std::string(kHelp).c_str(), stderr);
    return 2;
  }
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(settings->store.path).parent_path(),
                                      ignored);
  {
    Market market(*settings);
    if (Status opened = market.open(); !opened) return fail(opened.error());
    if (Status stocked = market.stock(); !stocked) return fail(stocked.error());
    std::printf("%6s  %9s  %6s  %8s  %26s  %6s %5s %9s  %6s %6s\n", "batch", "per s", "cpu us",
                "B writ.", "us a batch: p50  p99  max", "checkp", "sweep", "rows back", "redoMB",
                "walMB");
    for (const std::int64_t batch : settings->batches) {
      if (Status ran = market.run(batch); !ran) return fail(ran.error());
    }
    if (Status closed = market.close(); !closed) return fail(closed.error());
  }
  if (!settings->keep) remove_database(settings->store.path);
  return 0;
}

}  // namespace stardrop::bench
