// Events from the engine's thread to the IoThreads.
#include "api/feed.h"

#include <algorithm>

#include "api/feed_thread.h"
#include "api/key_table.h"

namespace stardrop::api {

void EventRing::add(const std::vector<market::Event>& events) {
  const std::lock_guard lock(mutex_);
  for (const market::Event& event : events) kept_.push_back({next_++, event});
  while (kept_.size() > kKept) kept_.pop_front();
}

std::int64_t EventRing::newest() const {
  const std::lock_guard lock(mutex_);
  return next_ - 1;
}

bool EventRing::since(std::int64_t place, std::size_t most, std::vector<FedEvent>& out) const {
  const std::lock_guard lock(mutex_);
  if (place >= next_) return false;
  if (place == next_ - 1) return true;
  if (kept_.empty() || place + 1 < kept_.front().place) return false;
  auto from = kept_.begin() + (place + 1 - kept_.front().place);
  const auto count = std::min<std::size_t>(most, static_cast<std::size_t>(kept_.end() - from));
  out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(count));
  return true;
}

std::int64_t place_of(std::string_view event_id) {
  const auto id = EventId::parse(event_id);
  return id ? id->value() : 0;
}

Feed::Feed(engine::Engine& engine, const KeyTable& keys, const Clock& clock)
    : engine_(engine), keys_(keys), clock_(clock), ring_(clock.now().us) {}

Feed::~Feed() = default;

void Feed::attach(http::Server& server) {
  for (std::size_t i = 0; i < server.threads(); ++i) {
    threads_.push_back(std::make_unique<FeedThread>(*this, server.thread(i)));
  }
}

void Feed::detach() { threads_.clear(); }

FeedThread& Feed::thread_of(http::IoThread& thread) { return *threads_[thread.index()]; }

void Feed::on_commit(const engine::BatchReport& report) {
  if (!report.events.empty()) ring_.add(report.events);
  for (const auto& thread : threads_) thread->announce();
}

void Feed::watch_events(const http::ExchangePtr& exchange,
                        std::optional<Principal> principal,
                        Watch watch,
                        std::int64_t resume_after) {
  FeedThread& thread = thread_of(exchange->thread());
  exchange->open_events(std::make_shared<Watcher>(thread, false, std::move(principal),
                                                  std::move(watch), resume_after));
}

void Feed::watch_stream(const http::ExchangePtr& exchange,
                        std::optional<Principal> principal,
                        Watch watch,
                        std::int64_t resume_after) {
  FeedThread& thread = thread_of(exchange->thread());
  exchange->accept_websocket(std::make_shared<Watcher>(thread, true, std::move(principal),
                                                       std::move(watch), resume_after));
}

}  // namespace stardrop::api
