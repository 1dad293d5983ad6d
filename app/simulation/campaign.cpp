// Runs one after the other; the first that fails is made short.
#include "app/simulation/campaign.h"

#include <memory>

#include "app/simulation/minimise.h"
#include "base/temp_folder.h"
#include "storage/memory/memory_store.h"
#include "storage/sqlite/small_limits.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::simulation {
namespace {

/// An empty store that goes away.
class FreshStore {
 public:
  explicit FreshStore(const Campaign& campaign) {
    if (campaign.store == StoreChoice::memory) {
      store_ = std::make_unique<storage::MemoryStore>();
      return;
    }
    folder_ = std::make_unique<TempFolder>(campaign.folder);
    store_ = std::make_unique<storage::SqliteStore>(storage::small_limits(*folder_ / "run.db"));
  }

  engine::Store& store() noexcept { return *store_; }

 private:
  std::unique_ptr<TempFolder> folder_;  // goes last
  std::unique_ptr<engine::Store> store_;
};

class Runner {
 public:
  explicit Runner(const Campaign& campaign) : campaign_(campaign) {}

  Summary run() {
    while (out_.runs < campaign_.runs && !out_.ended_early && out_.failure.empty()) run_one();
    return std::move(out_);
  }

 private:
  bool go_on(std::uint64_t steps, std::uint64_t plays) {
    if (!out_.ended_early && campaign_.go_on) {
      out_.ended_early = !campaign_.go_on({out_.runs, steps, plays});
    }
    return !out_.ended_early;
  }

  void run_one() {
    Plan plan = campaign_.plan;
    plan.seed += out_.runs;
    plan.go_on = [this](std::uint64_t steps) { return go_on(steps, 0); };
    FreshStore fresh(campaign_);
    const Report report = simulate(fresh.store(), plan);
    add(report);
    if (report.failure.empty()) return;
    out_.failure = report.failure;
    out_.failed_seed = plan.seed;
    shorten(report, plan);
  }

  void add(const Report& report) {
    // A run that was ended is counted with what it did, but not as a run.
    if (!out_.ended_early) ++out_.runs;
    out_.commands += report.steps;
    out_.carried_out += report.carried_out;
    out_.replayed += report.replayed;
    out_.refused += report.refused;
    out_.faults += report.faults;
    out_.audits += report.audits;
    for (const auto& [command, count] : report.by_command) out_.by_command[command] += count;
  }

  void shorten(const Report& failed, const Plan& plan) {
    std::uint64_t plays = 0;
    const Report shortest = minimise(failed, [&](const std::vector<Act>& acts) {
      // What doesn't fail isn't looked at: so the search ends soon.
      if (!go_on(failed.steps, ++plays)) return Report{};
      FreshStore fresh(campaign_);
      return play(fresh.store(), plan, acts);
    });
    out_.story = shortest.story;
    out_.story_failure = shortest.failure;
  }

  const Campaign& campaign_;
  Summary out_;
};

}  // namespace

Summary run(const Campaign& campaign) { return Runner(campaign).run(); }

}  // namespace stardrop::simulation
