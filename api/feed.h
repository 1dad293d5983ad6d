// The feed: what happens, to everybody who watches, in order and without delaying a sale.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "api/http/exchange.h"
#include "api/http/live.h"
#include "api/http/server.h"
#include "api/principal.h"
#include "engine/engine.h"

namespace stardrop::api {

/// An event with its place in the feed. Places rise without gaps while the process lives, and are
/// higher after a restart than before.
struct FedEvent {
  std::int64_t place = 0;
  market::Event event;
};

/// The latest events, for those who come back after a short while.
class EventRing {
 public:
  explicit EventRing(std::int64_t first_place) : next_(first_place) {}

  void add(const std::vector<market::Event>& events);
  /// The place of the newest event.
  std::int64_t newest() const;
  /// Copies the events behind `place`, at most `most`, to the end of `out`. False if some of them
  /// are gone already, or `place` was never given out: the watcher must look again from scratch.
  bool since(std::int64_t place, std::size_t most, std::vector<FedEvent>& out) const;

  /// Most events kept.
  static constexpr std::size_t kKept = 65'536;

 private:
  mutable std::mutex mutex_;
  std::deque<FedEvent> kept_;
  std::int64_t next_;
};

/// What one watcher wants to see.
struct Watch {
  bool all_editions = true;
  std::vector<EditionId> editions;
  std::vector<AccountId> accounts;  ///< private events of these
  bool everything = false;          ///< an operator's watch of all accounts
};

class FeedThread;

/// Collects events after each commit and spreads them over the IoThreads, where the watchers are.
/// Changes of what editions have left are joined: a watcher sees each at most ten times a second,
/// where many thousands watch once a second, and always the last.
class Feed {
 public:
  /// Most watchers one key may have at a time.
  static constexpr int kWatchersPerKey = 200;

  Feed(engine::Engine& engine, const class KeyTable& keys, const Clock& clock);
  ~Feed();

  /// Once the server's threads exist and before it serves.
  void attach(http::Server& server);
  /// Before the server is destroyed.
  void detach();

  /// On the engine's thread, after each commit.
  void on_commit(const engine::BatchReport& report);

  /// Begins a watch on an exchange's thread. `resume_after` is the place a watcher saw last; 0 if
  /// it is new. Answers the exchange itself where it refuses.
  void watch_events(const http::ExchangePtr& exchange,
                    std::optional<Principal> principal,
                    Watch watch,
                    std::int64_t resume_after);
  void watch_stream(const http::ExchangePtr& exchange,
                    std::optional<Principal> principal,
                    Watch watch,
                    std::int64_t resume_after);

  const EventRing& ring() const { return ring_; }
  engine::Engine& engine() { return engine_; }
  const KeyTable& keys() const { return keys_; }
  const Clock& clock() const { return clock_; }

 private:
  FeedThread& thread_of(http::IoThread& thread);

  engine::Engine& engine_;
  const KeyTable& keys_;
  const Clock& clock_;
  EventRing ring_;
  std::vector<std::unique_ptr<FeedThread>> threads_;
};

/// Reads `evt_…`, the id of an event; 0 if it is not one.
std::int64_t place_of(std::string_view event_id);

}  // namespace stardrop::api
