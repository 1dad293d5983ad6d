// The engine: a bounded queue and the one thread that carries requests out.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/board.h"
#include "engine/executor.h"

namespace stardrop::engine {

/// Something to be answered by the engine's thread. `ticket` comes back with the answer.
struct Delivery {
  void* ticket = nullptr;
  /// The outcome of a request; empty for a read, whose function has left its answer elsewhere.
  std::optional<Outcome> outcome;
};

/// Where answers go. Called on the engine's thread once per batch, after the commit; for what
/// `submit` refuses on the thread of whoever calls that, before it returns.
class Sink {
 public:
  Sink() = default;
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;
  virtual ~Sink() = default;
  virtual void deliver(std::vector<Delivery>&& deliveries) = 0;
};

/// A read: runs between batches and sees what was committed last.
using ReadTask = std::function<void(Reader&)>;
/// Something for the executor itself, between batches: audits, backups of state.
using MaintenanceTask = std::function<void(Executor&)>;

/// One piece of work.
struct Work {
  Sink* sink = nullptr;
  void* ticket = nullptr;
  std::variant<Request, ReadTask, MaintenanceTask> what;
};

/// How the engine is set up.
struct EngineOptions {
  ExecutorOptions executor;
  /// Most requests of one transaction.
  std::size_t batch_max = 4096;
  /// Most pieces of work that may wait; more are answered `overloaded`.
  std::size_t queue_max = 65'536;
  /// Most timers one command handles.
  std::int64_t timers_max = 256;
};

/// Counters others may read at any time.
struct EngineStats {
  std::atomic<std::uint64_t> commands{0};
  std::atomic<std::uint64_t> refusals{0};
  std::atomic<std::uint64_t> replays{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> reads{0};
  std::atomic<std::uint64_t> overloaded{0};
  std::atomic<std::uint64_t> queued{0};
  std::atomic<std::uint64_t> violations{0};
  std::atomic<std::uint64_t> commit_failures{0};
  std::atomic<std::uint64_t> redone{0};   ///< batches, because another node was in the way
  std::atomic<std::uint64_t> woken{0};    ///< times another node has rung
  std::atomic<bool> bell{false};          ///< whether such rings can be relied on
  std::atomic<std::uint64_t> writers{1};  ///< how many write to the store, this one among them
  std::atomic<std::uint64_t> commit_us{0};
  std::atomic<std::uint64_t> commit_us_max{0};
};

/// Owns the executor. A batch is whatever waits when the one before it is done: under load it
/// grows by itself, and nobody waits for a timer.
class Engine {
 public:
  Engine(Store& store, const Clock& clock, EngineOptions options);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine();

  /// Told of every commit, on the engine's thread, before answers are delivered.
  void on_commit(std::function<void(const BatchReport&)> listener);
  /// Told when a commit's outcome is unknown: the process must not acknowledge anything any more.
  void on_fatal(std::function<void(const Error&)> listener) { on_fatal_ = std::move(listener); }

  /// Opens the store. Then `start` runs the thread.
  Status open();
  void start();

  /// Hands in work, all of it or, when the queue is full, what fits; the rest is delivered as
  /// `overloaded` at once. While a shared store is out of reach, everything but maintenance is
  /// delivered as `storage_unavailable` at once. Any thread.
  void submit(std::vector<Work>&& work);

  /// Carries out one request and waits for it; for start-up and tools. Not from the engine's
  /// thread.
  Outcome call(Request request);
  /// Runs a maintenance task and waits for it. Not from the engine's thread; before `start` on the
  /// caller's, which then sees the rows that `open` has read as they were read.
  void run(MaintenanceTask task);

  /// The rest of the queue is carried out, everything is written back, and the thread ends.
  void stop();

  /// For the door: what late buyers are told without the queue.
  const Board& board() const noexcept { return board_; }
  /// Whether an idempotency key was ever used; nothing if the store is shared, where nobody knows
  /// before asking it (see `Request::refused_if_new`). Any thread.
  std::optional<bool> key_was_used(const market::Caller& caller, std::string_view key) const {
    if (executor_.is_shared()) return std::nullopt;
    return executor_.keys().contains(KeyIndex::digest(caller, key));
  }
  const EngineStats& stats() const noexcept { return stats_; }
  /// Whether writes are refused because the store can't be written. Any thread.
  bool storage_failing() const noexcept { return storage_failing_.load(); }

 private:
  void loop();
  bool wait_for_work(std::vector<Work>& out);
  void carry_out(std::vector<Work>& work);
  void run_batch(std::vector<Work*>& batch);
  Instant run_due_timers();
  void follow_others(bool idle);
  static void refuse(Work& work, const Error& error);
  /// To be asked behind whatever may have tried to open the store again.
  void note_reach(bool was_lost) noexcept;
  void finish(Work& work, std::optional<Outcome> outcome);
  void deliver_all();

  const Clock& clock_;
  EngineOptions options_;
  Executor executor_;
  Board board_;
  EngineStats stats_;
  std::function<void(const BatchReport&)> listener_;
  std::function<void(const Error&)> on_fatal_;
  std::atomic<bool> storage_failing_{false};
  /// An attempt to open a shared store again has failed: nobody waits for the next one.
  std::atomic<bool> out_of_reach_{false};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Work> queue_;  // guarded by mutex_
  bool stopping_ = false;    // guarded by mutex_
  bool rung_ = false;        // guarded by mutex_

  // The engine's thread only.
  Instant news_asked_at_;
  std::chrono::milliseconds idle_wait_{0};
  std::vector<Request> requests_;
  std::vector<Outcome> outcomes_;
  struct Outbox {
    Sink* sink;
    std::vector<Delivery> deliveries;
  };
  std::vector<Outbox> outboxes_;

  bool started_ = false;  // written before any other thread knows of it
  std::thread thread_;
};

}  // namespace stardrop::engine
