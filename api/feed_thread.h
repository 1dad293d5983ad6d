// The watchers of one IoThread.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "api/feed.h"
#include "api/http/io_thread.h"

namespace stardrop::api {

/// One WebSocket or event stream that watches.
struct Watcher final : http::LiveListener, std::enable_shared_from_this<Watcher> {
  Watcher(FeedThread& the_thread,
          bool is_websocket,
          std::optional<Principal> who,
          Watch what,
          std::int64_t resume)
      : thread(the_thread),
        websocket(is_websocket),
        principal(std::move(who)),
        watch(std::move(what)),
        resume_after(resume) {}

  void on_open(const http::LivePtr& opened) override;
  void on_message(const http::LivePtr& from, std::string_view text) override;
  void on_close(const http::LivePtr& closed, std::uint16_t code) override;

  /// Whether it watches accounts at all: most watchers don't.
  bool is_private() const { return watch.everything || !watch.accounts.empty(); }
  bool wants(const market::Event& event) const;
  bool wants(EditionId edition) const;

  FeedThread& thread;
  bool websocket;
  std::optional<Principal> principal;
  Watch watch;
  std::int64_t resume_after;
  http::LivePtr channel;
};

/// A message in both forms, encoded once for all watchers.
struct Message {
  http::SharedText websocket;
  http::SharedText event_stream;
};

/// Everything here runs on the IoThread, but for `announce`.
class FeedThread {
 public:
  FeedThread(Feed& feed, http::IoThread& io);

  /// Any thread: there is something new in the ring.
  void announce();
  /// On the IoThread, before it ends.
  void stop();

  void add(std::shared_ptr<Watcher> watcher);
  void remove(const Watcher* watcher);
  /// Sends the present state of what the watcher wants, then what it missed.
  void catch_up(Watcher& watcher);
  void send(Watcher& watcher, const Message& message);
  /// Answers a client's message on a WebSocket.
  void answer(Watcher& watcher, std::string_view text);
  bool may_add(const std::optional<Principal>& principal);

  http::IoThread& io() { return io_; }
  Feed& feed() { return feed_; }

 private:
  using Watchers = std::vector<std::shared_ptr<Watcher>>;

  void drain();
  void tell(const FedEvent& fed, const Watchers& audience);
  void arm();
  void tick();
  void send_supply();
  void close_invalid();

  Feed& feed_;
  http::IoThread& io_;
  Watchers watchers_;
  Watchers private_watchers_;  // those of them that watch accounts
  std::map<EditionId, std::int64_t> sent_versions_;
  std::vector<FedEvent> scratch_;
  std::int64_t seen_ = 0;
  std::uint64_t board_version_ = 0;
  std::chrono::nanoseconds supply_every_;
  std::chrono::nanoseconds key_check_due_{0};
  bool armed_ = false;
  std::atomic<bool> announced_{false};
  std::atomic<std::size_t> count_{0};
  std::optional<boost::asio::steady_timer> timer_;
};

}  // namespace stardrop::api
