// The queue and the engine's thread.
#include "engine/engine.h"

#include <algorithm>
#include <chrono>
#include <future>

#include <pthread.h>

#include "base/log.h"

namespace stardrop::engine {
namespace {

/// How long the thread sleeps at most when nothing waits: timers are looked at this often.
constexpr std::chrono::milliseconds kIdleWait{20};
/// The same where others ring when there is something: a ring may be lost.
constexpr std::chrono::milliseconds kIdleWaitWithBell{1000};
/// Under load, how long it takes at least until a shared store is asked again for what others did:
/// each time takes several round trips, and those who buy don't wait for it.
constexpr Duration kNewsPause = Duration::milliseconds(10);

/// Hands an outcome to a caller that waits for it.
class Waiter final : public Sink {
 public:
  void deliver(std::vector<Delivery>&& deliveries) override {
    for (Delivery& delivery : deliveries) {
      promise_.set_value(delivery.outcome ? *std::move(delivery.outcome)
                                          : Outcome(Error(ErrorCode::internal)));
    }
  }
  Outcome wait() { return promise_.get_future().get(); }

 private:
  std::promise<Outcome> promise_;
};

}  // namespace

Engine::Engine(Store& store, const Clock& clock, EngineOptions options)
    : clock_(clock), options_(std::move(options)), executor_(store, clock, options_.executor) {
  executor_.on_commit([this](const BatchReport& report) {
    board_.update(report.state);
    if (listener_) listener_(report);
  });
}

Engine::~Engine() { stop(); }

void Engine::on_commit(std::function<void(const BatchReport&)> listener) {
  listener_ = std::move(listener);
}

Status Engine::open() {
  executor_.on_ring([this] {
    {
      const std::lock_guard lock(mutex_);
      rung_ = true;
    }
    stats_.woken.fetch_add(1, std::memory_order_relaxed);
    wake_.notify_one();
  });
  STARDROP_TRY(executor_.open());
  board_.reset(executor_.state());
  return done();
}

void Engine::start() {
  started_ = true;
  thread_ = std::thread([this] { loop(); });
}

/// Without the queue.
void Engine::refuse(Work& work, const Error& error) {
  if (work.sink == nullptr) return;
  std::vector<Delivery> refused;
  refused.push_back({work.ticket, Outcome(error)});
  work.sink->deliver(std::move(refused));
}

void Engine::submit(std::vector<Work>&& work) {
  if (out_of_reach_) {
    std::erase_if(work, [](Work& each) {
      if (std::holds_alternative<MaintenanceTask>(each.what)) return false;
      refuse(each, ErrorCode::storage_unavailable);
      return true;
    });
    if (work.empty()) return;
  }
  std::size_t taken = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t room =
        stopping_ || queue_.size() >= options_.queue_max ? 0 : options_.queue_max - queue_.size();
    taken = std::min(room, work.size());
    const auto begin = std::make_move_iterator(work.begin());
    queue_.insert(queue_.end(), begin, begin + static_cast<std::ptrdiff_t>(taken));
    stats_.queued.store(queue_.size(), std::memory_order_relaxed);
  }
  if (taken > 0) wake_.notify_one();
  for (std::size_t i = taken; i < work.size(); ++i) {
    stats_.overloaded.fetch_add(1, std::memory_order_relaxed);
    refuse(work[i], Error(ErrorCode::overloaded).with("retry_after", std::int64_t{1}));
  }
}

Outcome Engine::call(Request request) {
  Waiter waiter;
  std::vector<Work> work(1);
  work[0].sink = &waiter;
  work[0].what = std::move(request);
  submit(std::move(work));
  return waiter.wait();
}

void Engine::run(MaintenanceTask task) {
  if (!started_) return task(executor_);
  Waiter waiter;
  std::vector<Work> work(1);
  work[0].sink = &waiter;
  work[0].what = std::move(task);
  submit(std::move(work));
  static_cast<void>(waiter.wait());
}

void Engine::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  executor_.on_ring({});
}

bool Engine::wait_for_work(std::vector<Work>& out) {
  out.clear();
  std::unique_lock lock(mutex_);
  if (queue_.empty() && !stopping_) {
    wake_.wait_for(lock, idle_wait_, [this] { return stopping_ || rung_ || !queue_.empty(); });
    // Whoever has nothing to do looks at once; others only when they have looked.
    if (queue_.empty()) rung_ = false;
  }
  std::swap(out, queue_);
  stats_.queued.store(0, std::memory_order_relaxed);
  return !(stopping_ && out.empty());
}

void Engine::loop() {
  pthread_setname_np(pthread_self(), "engine");  // for top, perf and debuggers
  std::vector<Work> work;
  bool told = false;  // that the store can't be reached
  while (wait_for_work(work)) {
    idle_wait_ = kIdleWait;
    carry_out(work);
    if (executor_.is_shared()) {
      follow_others(work.empty());
    } else {
      run_due_timers();
    }
    const bool was_lost = executor_.must_reopen();
    const Status tidied = executor_.tidy(work.empty());
    note_reach(was_lost);
    if (!tidied || executor_.is_shared()) {
      // A shared store that could be opened again was written to: its lane was taken.
      storage_failing_ = !tidied || executor_.must_reopen();
    }
    if (executor_.is_shared() && std::exchange(told, storage_failing_.load()) != storage_failing_) {
      log(LogLevel::warning, storage_failing_ ? "storage.unavailable" : "storage.available");
    }
  }
  if (Status flushed = executor_.flush(); !flushed) {
    log(LogLevel::error, "engine.flush_failed", {{"code", info(flushed.error().code()).code}});
  }
}

void Engine::carry_out(std::vector<Work>& work) {
  // Requests first, as few and as large batches as there can be; what reads then sees them.
  std::vector<Work*> batch;
  for (Work& each : work) {
    if (!std::holds_alternative<Request>(each.what)) continue;
    batch.push_back(&each);
    if (batch.size() == options_.batch_max) run_batch(batch);
  }
  if (!batch.empty()) run_batch(batch);
  for (Work& each : work) {
    if (auto* const read = std::get_if<ReadTask>(&each.what)) {
      Reader reader = executor_.reader();
      (*read)(reader);
      stats_.reads.fetch_add(1, std::memory_order_relaxed);
    } else if (auto* const task = std::get_if<MaintenanceTask>(&each.what)) {
      (*task)(executor_);
    } else {
      continue;
    }
    finish(each, std::nullopt);
  }
  deliver_all();
}

void Engine::run_batch(std::vector<Work*>& batch) {
  requests_.clear();
  for (Work* const each : batch) {
    requests_.push_back(std::move(std::get<Request>(each->what)));
  }
  const Instant begun = clock_.now();
  const bool was_lost = executor_.must_reopen();
  if (out_of_reach_) {
    outcomes_.assign(requests_.size(), Outcome(ErrorCode::storage_unavailable));
  } else {
    executor_.execute(requests_, outcomes_);
  }
  note_reach(was_lost);
  const auto took =
      static_cast<std::uint64_t>(std::max<std::int64_t>(clock_.now().since(begun).us, 0));
  stats_.commit_us.fetch_add(took, std::memory_order_relaxed);
  if (took > stats_.commit_us_max.load(std::memory_order_relaxed)) {
    stats_.commit_us_max.store(took, std::memory_order_relaxed);
  }
  stats_.batches.fetch_add(1, std::memory_order_relaxed);
  std::uint64_t refused = 0;
  std::uint64_t replayed = 0;
  for (const Outcome& outcome : outcomes_) {
    if (!outcome.ok()) {
      ++refused;
    } else if (outcome->replayed) {
      ++replayed;
    }
  }
  stats_.commands.fetch_add(outcomes_.size() - refused - replayed, std::memory_order_relaxed);
  stats_.refusals.fetch_add(refused, std::memory_order_relaxed);
  stats_.replays.fetch_add(replayed, std::memory_order_relaxed);
  stats_.violations.store(executor_.violations(), std::memory_order_relaxed);
  stats_.redone.store(executor_.redone(), std::memory_order_relaxed);
  storage_failing_ = executor_.must_reopen();
  if (executor_.must_reopen()) {
    stats_.commit_failures.fetch_add(1, std::memory_order_relaxed);
    for (const Outcome& outcome : outcomes_) {
      // A shared store is asked again what became of it; this process has nothing of its own to
      // lose.
      if (executor_.is_shared()) break;
      if (!outcome.ok() && outcome.error().code() == ErrorCode::outcome_unknown && on_fatal_) {
        on_fatal_(outcome.error());
        break;
      }
    }
  }
  for (std::size_t i = 0; i < batch.size(); ++i) finish(*batch[i], std::move(outcomes_[i]));
  batch.clear();
  deliver_all();
}

/// A connection that broke is made again at once; only if that fails has nobody to wait for it.
void Engine::note_reach(bool was_lost) noexcept {
  if (executor_.is_shared()) out_of_reach_ = was_lost && executor_.must_reopen();
}

/// Asks the database for what it would cost too much to ask after every batch.
void Engine::follow_others(bool idle) {
  if (executor_.must_reopen()) return;
  // A clock that was put back keeps nobody waiting.
  const Duration ago = clock_.now().since(news_asked_at_);
  if (!idle && ago >= Duration{} && ago < kNewsPause) return;
  news_asked_at_ = clock_.now();
  stats_.bell.store(executor_.has_bell(), std::memory_order_relaxed);
  if (!executor_.take_news().ok()) return;
  stats_.writers.store(static_cast<std::uint64_t>(executor_.writers()), std::memory_order_relaxed);
  const Instant due = run_due_timers();
  if (!executor_.has_bell() || executor_.must_reopen()) return;
  // Whoever sets an earlier timer rings.
  idle_wait_ = kIdleWaitWithBell;
  if (!due.is_set()) return;
  const auto until_due = std::chrono::milliseconds(due.since(executor_.now()).us / 1000 + 1);
  idle_wait_ = std::clamp(until_due, kIdleWait, kIdleWaitWithBell);
}

/// Returns when the next one was due, before what was due was done.
Instant Engine::run_due_timers() {
  const Instant due = executor_.next_timer();
  if (!due.is_set() || due > executor_.now()) return due;
  requests_.clear();
  Request request;
  market::RunTimers command;
  command.limit = options_.timers_max;
  request.command = command;
  requests_.push_back(std::move(request));
  executor_.execute(requests_, outcomes_);
  if (!outcomes_[0].ok()) {
    log(LogLevel::error, "engine.timers_failed",
        {{"code", info(outcomes_[0].error().code()).code}});
  }
  return due;
}

void Engine::finish(Work& work, std::optional<Outcome> outcome) {
  if (work.sink == nullptr) return;
  for (Outbox& outbox : outboxes_) {
    if (outbox.sink == work.sink) {
      outbox.deliveries.push_back({work.ticket, std::move(outcome)});
      return;
    }
  }
  outboxes_.push_back({work.sink, {}});
  outboxes_.back().deliveries.push_back({work.ticket, std::move(outcome)});
}

void Engine::deliver_all() {
  for (Outbox& outbox : outboxes_) outbox.sink->deliver(std::move(outbox.deliveries));
  outboxes_.clear();
}

}  // namespace stardrop::engine
