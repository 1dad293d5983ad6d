// Watchers: snapshot first, then what happens.
#include "api/feed_thread.h"

#include <algorithm>
#include <chrono>

#include "api/http/event_stream.h"
#include "api/key_table.h"
#include "api/views.h"
#include "base/json_reader.h"
#include "base/json_writer.h"

namespace stardrop::api {
namespace {

/// How often watchers see what editions have left: as often as takes a tenth of the thread's time,
/// within these bounds. A sale must not wait for those who only look on.
constexpr std::chrono::milliseconds kSupplyEveryMin{100};
constexpr std::chrono::milliseconds kSupplyEveryMax{1000};
constexpr int kSupplyShare = 10;
/// How often the keys of open watches are looked at again.
constexpr std::chrono::seconds kKeyCheckEvery{2};
/// Close code for a key that was revoked or has expired (W5).
constexpr std::uint16_t kCloseUnauthorized = 4401;

Message message_of(std::int64_t place, std::string_view type, Instant at, std::string_view data) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.key("id").text(EventId(place).text());
  out.key("type").text(type);
  out.key("created").value(at);
  out.key("data").raw(data);
  out.end_object();
  Message message;
  message.event_stream =
      std::make_shared<const std::string>(http::event_text(EventId(place).text(), type, text));
  message.websocket = std::make_shared<const std::string>(std::move(text));
  return message;
}

std::string supply_json(const ledger::Edition& edition) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.key("edition").value(edition.id);
  out.key("version").integer(edition.version);
  out.key("supply").value(edition.supply);
  out.key("sold").integer(edition.sold);
  out.key("reserved").integer(edition.reserved);
  out.key("left");
  if (edition.limited()) {
    out.integer(edition.left());
  } else {
    out.null();
  }
  out.key("sold_out").boolean(edition.sold_out());
  out.key("waiting").integer(edition.waiting);
  out.end_object();
  return text;
}

std::string event_json(const market::Event& event, const engine::Board& board) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  if (event.account.is_set()) out.key("account").value(event.account);
  if (event.edition.is_set()) out.key("edition").value(event.edition);
  if (event.gift.is_set()) out.key("gift").value(event.gift);
  if (event.reservation.is_set()) out.key("reservation").value(event.reservation);
  if (event.serial > 0) out.key("serial").integer(event.serial);
  if (!event.stars.is_zero()) out.key("stars").text(event.stars.text());
  if (event.kind == market::EventKind::edition_sold_out) {
    if (const auto edition = board.edition(event.edition)) {
      out.key("supply").value(edition->supply);
      out.key("first_sale_at").value(edition->first_sale_at);
      out.key("sold_out_at").value(edition->sold_out_at);
    }
  }
  out.end_object();
  return text;
}

}  // namespace

void Watcher::on_open(const http::LivePtr& opened) {
  channel = opened;
  if (!thread.may_add(principal)) {
    channel->close(http::kClosePolicy, "too many watchers of this key");
    return;
  }
  thread.add(shared_from_this());
  thread.catch_up(*this);
}

void Watcher::on_message(const http::LivePtr&, std::string_view text) {
  thread.answer(*this, text);
}

void Watcher::on_close(const http::LivePtr&, std::uint16_t) {
  channel.reset();
  thread.remove(this);
}

bool Watcher::wants(EditionId edition) const {
  return watch.all_editions || std::ranges::find(watch.editions, edition) != watch.editions.end();
}

bool Watcher::wants(const market::Event& event) const {
  if (!event.account.is_set()) return !event.edition.is_set() || wants(event.edition);
  return watch.everything ||
         std::ranges::find(watch.accounts, event.account) != watch.accounts.end();
}

FeedThread::FeedThread(Feed& feed, http::IoThread& io)
    : feed_(feed),
      io_(io),
      seen_(feed.ring().newest()),
      supply_every_(kSupplyEveryMin),
      timer_(io.context()) {}

void FeedThread::announce() {
  if (count_.load(std::memory_order_acquire) == 0) return;
  if (announced_.exchange(true, std::memory_order_acq_rel)) return;
  io_.post([this] { drain(); });
}

void FeedThread::add(std::shared_ptr<Watcher> watcher) {
  if (watchers_.empty()) seen_ = feed_.ring().newest();
  if (watcher->is_private()) private_watchers_.push_back(watcher);
  watchers_.push_back(std::move(watcher));
  count_.store(watchers_.size(), std::memory_order_release);
  arm();
}

void FeedThread::remove(const Watcher* watcher) {
  const auto same = [watcher](const auto& each) { return each.get() == watcher; };
  if (watcher->is_private()) std::erase_if(private_watchers_, same);
  std::erase_if(watchers_, same);
  count_.store(watchers_.size(), std::memory_order_release);
}

bool FeedThread::may_add(const std::optional<Principal>& principal) {
  if (!principal) return true;
  const auto same = std::ranges::count_if(watchers_, [&](const auto& each) {
    return each->principal && each->principal->key == principal->key;
  });
  return same < Feed::kWatchersPerKey;
}

void FeedThread::send(Watcher& watcher, const Message& message) {
  if (!watcher.channel) return;
  watcher.channel->send(watcher.websocket ? message.websocket : message.event_stream);
}

void FeedThread::catch_up(Watcher& watcher) {
  const Instant now = feed_.clock().now();
  const std::int64_t newest = feed_.ring().newest();
  std::vector<FedEvent> missed;
  const bool resumed = watcher.resume_after > 0 &&
                       feed_.ring().since(watcher.resume_after, EventRing::kKept, missed);
  if (watcher.resume_after > 0 && !resumed) {
    send(watcher, message_of(newest, "reset", now, R"({"reason":"events_gone"})"));
  }
  for (const auto& edition : feed_.engine().board().all()) {
    if (!watcher.wants(edition->id)) continue;
    send(watcher, message_of(resumed ? watcher.resume_after : newest, "edition.snapshot", now,
                             to_json(EditionView::of(*edition))));
  }
  for (const FedEvent& fed : missed) {
    if (fed.place > seen_ || !watcher.wants(fed.event)) continue;
    send(watcher, message_of(fed.place, name_of(fed.event.kind), fed.event.at,
                             event_json(fed.event, feed_.engine().board())));
  }
  send(watcher, message_of(newest, "ready", now, "{}"));
}

void FeedThread::answer(Watcher& watcher, std::string_view text) {
  JsonDocument document;
  std::string_view type;
  if (document.parse(text).ok() && document.root().kind() == JsonValue::Kind::object) {
    document.root().for_each_member([&](std::string_view key, JsonValue value) {
      if (key == "type" && value.kind() == JsonValue::Kind::text) type = value.text();
    });
  }
  if (type != "ping") {
    if (watcher.channel) watcher.channel->close(http::kClosePolicy, "only {\"type\":\"ping\"}");
    return;
  }
  send(watcher, message_of(feed_.ring().newest(), "pong", feed_.clock().now(), "{}"));
}

void FeedThread::drain() {
  announced_.store(false, std::memory_order_release);
  if (watchers_.empty()) return;
  scratch_.clear();
  if (!feed_.ring().since(seen_, EventRing::kKept, scratch_)) {
    const std::int64_t newest = feed_.ring().newest();
    const Message reset =
        message_of(newest, "reset", feed_.clock().now(), R"({"reason":"events_gone"})");
    for (const auto& watcher : watchers_) send(*watcher, reset);
    seen_ = newest;
    return;
  }
  for (const FedEvent& fed : scratch_) {
    seen_ = fed.place;
    // Nearly all events are an account's own, and nearly all watchers watch editions.
    tell(fed, fed.event.account.is_set() ? private_watchers_ : watchers_);
  }
  // What an edition has left in the end is told at once, before any "sold out" grows old.
  const bool final_news = std::ranges::any_of(scratch_, [](const FedEvent& fed) {
    return fed.event.kind == market::EventKind::edition_sold_out;
  });
  if (final_news) send_supply();
}

void FeedThread::tell(const FedEvent& fed, const Watchers& audience) {
  Watchers listening;  // sending may close a slow one, which removes it from the audience
  for (const auto& watcher : audience) {
    if (watcher->wants(fed.event)) listening.push_back(watcher);
  }
  if (listening.empty()) return;
  const Message message = message_of(fed.place, name_of(fed.event.kind), fed.event.at,
                                     event_json(fed.event, feed_.engine().board()));
  for (const auto& watcher : listening) send(*watcher, message);
}

void FeedThread::arm() {
  if (armed_ || !timer_) return;
  armed_ = true;
  timer_->expires_after(supply_every_);
  timer_->async_wait([this](const boost::system::error_code& failed) {
    if (!failed) tick();
  });
}

void FeedThread::tick() {
  armed_ = false;
  if (watchers_.empty()) return;
  const auto began = std::chrono::steady_clock::now();
  {
    const http::IoThread::Round round(io_);  // at its end everything is written
    send_supply();
    if (began.time_since_epoch() >= key_check_due_) {
      key_check_due_ = began.time_since_epoch() + kKeyCheckEvery;
      close_invalid();
    }
  }
  const auto took = std::chrono::steady_clock::now() - began;
  supply_every_ =
      std::clamp<std::chrono::nanoseconds>(took * kSupplyShare, kSupplyEveryMin, kSupplyEveryMax);
  arm();
}

void FeedThread::send_supply() {
  const std::uint64_t version = feed_.engine().board().version();
  if (version == board_version_) return;
  board_version_ = version;
  const std::int64_t newest = seen_;
  const auto watchers = watchers_;
  for (const auto& edition : feed_.engine().board().all()) {
    std::int64_t& sent = sent_versions_[edition->id];
    if (sent == edition->version) continue;
    sent = edition->version;
    const Message message =
        message_of(newest, "edition.supply", feed_.clock().now(), supply_json(*edition));
    for (const auto& watcher : watchers) {
      if (watcher->wants(edition->id)) send(*watcher, message);
    }
  }
}

void FeedThread::close_invalid() {
  const Instant now = feed_.clock().now();
  const auto watchers = watchers_;
  for (const auto& watcher : watchers) {
    if (!watcher->principal || !watcher->channel) continue;
    if (!feed_.keys().still_valid(watcher->principal->key, now)) {
      watcher->channel->close(kCloseUnauthorized, "the key was revoked or has expired");
    }
  }
}

}  // namespace stardrop::api
