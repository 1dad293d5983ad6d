// Stocking a shop and buying from it.
#include "app/engine_bench/shop.h"

#include <algorithm>
#include <filesystem>

#include "storage/postgres/postgres_store.h"

namespace stardrop::bench {

namespace {

/// Purchases whose requests are made ahead at a time, so that their cost can be left out.
constexpr std::int64_t kAhead = 10'000;
/// Batches at a time, at most: on a slow disk each takes long, and somebody may wait for the end.
constexpr std::int64_t kBatchesAhead = 256;
constexpr std::int64_t kStockBatch = 1000;

std::unique_ptr<engine::Store> store_of(const ShopPlan& plan) {
  if (plan.postgres.empty()) return std::make_unique<storage::SqliteStore>(plan.store);
  storage::postgres::Options options;
  options.url = plan.postgres;
  return std::make_unique<storage::postgres::PostgresStore>(std::move(options));
}

}  // namespace

Shop::Shop(const ShopPlan& plan)
    : plan_(plan), store_(store_of(plan)), executor_(*store_, clock_, {}), random_(7) {
  sqlite_ = dynamic_cast<const storage::SqliteStore*>(store_.get());
}

std::int64_t Stretch::per_second() const {
  return bought * 1'000'000 / std::max<std::int64_t>(commits.total_us(), 1);
}

double Stretch::cpu_us_each() const {
  return static_cast<double>(cpu_us) / static_cast<double>(std::max<std::int64_t>(bought, 1));
}

std::int64_t Stretch::written_each() const { return written / std::max<std::int64_t>(bought, 1); }

engine::Request Shop::request(market::AnyCommand command) {
  engine::Request out;
  out.caller.kind = market::CallerKind::operator_;
  out.idempotency_key = "bench-" + std::to_string(++keys_) + '-' + std::to_string(run_);
  out.fingerprint = keys_;
  out.command = std::move(command);
  return out;
}

engine::Request Shop::purchase() {
  market::SendGift gift;
  gift.edition = editions_[random_.below(editions_.size())];
  gift.from = accounts_[random_.below(accounts_.size())];
  gift.to = gift.from;
  gift.max_price = Stars::whole(1);
  return request(gift);
}

Status Shop::execute() {
  executor_.execute(requests_, outcomes_);
  for (engine::Outcome& each : outcomes_) {
    if (!each) return std::move(each).error();
  }
  return executor_.tidy(false);
}

Status Shop::stock(const std::function<bool(std::int64_t)>& go_on) {
  for (std::int64_t made = 0; made < plan_.accounts; made += kStockBatch) {
    if (go_on && !go_on(made)) return done();
    requests_.clear();
    for (std::int64_t i = made; i < std::min(plan_.accounts, made + kStockBatch); ++i) {
      requests_.push_back(request(market::CreateAccount()));
    }
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
  for (std::int64_t i = 0; i < plan_.editions; ++i) {
    market::CreateEdition edition;
    edition.title = "Edition " + std::to_string(run_) + ' ' + std::to_string(i);
    edition.stars = Stars::whole(1);
    edition.supply = 1'000'000'000'000;
    if (plan_.per_account > 0) edition.per_account = plan_.per_account;
    requests_.push_back(request(edition));
  }
  STARDROP_TRY(execute());
  for (const engine::Outcome& each : outcomes_) {
    editions_.push_back(std::get<market::CreateEdition::Reply>(each->reply).id);
  }
  return executor_.flush();
}

Status Shop::buy_some(std::int64_t batch, Stretch& into) {
  std::vector<std::vector<engine::Request>> ahead(
      static_cast<std::size_t>(std::clamp<std::int64_t>(kAhead / batch, 1, kBatchesAhead)));
  for (auto& requests : ahead) {
    for (std::int64_t i = 0; i < batch; ++i) requests.push_back(purchase());
  }
  const Usage before = Usage::now();
  for (auto& requests : ahead) {
    requests_.swap(requests);
    into.commits.begin();
    STARDROP_TRY(execute());
    into.commits.end();
  }
  const Usage after = Usage::now();
  into.cpu_us += after.cpu_us - before.cpu_us;
  into.written += after.written - before.written;
  into.bought += static_cast<std::int64_t>(ahead.size()) * batch;
  return done();
}

void remove_database(const std::string& path) {
  for (const char* end : {"", "-wal", "-shm", ".lock"}) {
    std::error_code ignored;
    std::filesystem::remove(path + end, ignored);
  }
}

}  // namespace stardrop::bench
