// Rings in transactions of its own. A NOTIFY in the batch's would hold a lock that the whole server
// has only once, from before its commit until behind it, and with it every other node's sales.
#include "storage/postgres/bell.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"

namespace stardrop::storage::postgres {
namespace {

/// Rings are so far apart at least.
constexpr std::int64_t kPauseMs = 5;
/// Whoever has heard nothing for so long rings for itself; twice that, and the bell doesn't work.
constexpr std::int64_t kProofMs = 10'000;
/// How long an attempt to get the connection back is put off.
constexpr std::int64_t kRetryMs = 1'000;

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

/// Whether a refusal says that this database has nothing of the kind.
bool has_no_bell(const Connection& db) {
  return db.state() == "0A000" || db.state() == "42883" || db.state() == "42601";
}

}  // namespace

Bell::Bell(std::string url, std::function<void()> wake)
    : url_(std::move(url)), wake_(std::move(wake)), event_(::eventfd(0, EFD_CLOEXEC)) {
  STARDROP_ASSERT(event_ >= 0, "there is room for a descriptor");
  thread_ = std::thread([this] { run(); });
}

Bell::~Bell() {
  stopping_ = true;
  ::eventfd_write(event_, 1);
  thread_.join();
  ::close(event_);
}

void Bell::ring() noexcept {
  if (!asked_.exchange(true)) ::eventfd_write(event_, 1);
}

Status Bell::listen() {
  STARDROP_TRY_ASSIGN(db_, Connection::open(url_, "stardrop bell"));
  db_.wait_at_most(Duration::milliseconds(kProofMs / 2));
  // A ring is worth no wait for a disk or a standby.
  STARDROP_TRY(db_.script("SET synchronous_commit = off; SET lock_timeout = '1s'"));
  // A database may hold several deployments, each in a schema of its own.
  STARDROP_TRY_ASSIGN(const Answer name,
                      db_.run("SELECT 'stardrop_' || md5(current_schema()::text)"));
  channel_ = std::string(name.bytes(0, 0));
  STARDROP_TRY(db_.script("LISTEN " + channel_));
  heard_at_ = now_ms();
  STARDROP_TRY(notify());
  // It comes with the answer, so that nothing is left to wait for.
  hear();
  return done();
}

Status Bell::notify() {
  rung_at_ = now_ms();
  STARDROP_TRY(db_.run("SELECT pg_notify($1, '')", Parameters().add(channel_, Type::text)));
  return done();
}

void Bell::hear() {
  const Connection::Heard heard = db_.hear();
  if (heard.own || heard.others) {
    heard_at_ = now_ms();
    works_ = true;
  }
  if (heard.others) wake_();
}

void Bell::stop_working() {
  if (works_.exchange(false)) wake_();
}

/// Until something is asked for, or heard, or the time is over.
void Bell::sleep(std::int64_t most_ms) {
  pollfd watched[2] = {{event_, POLLIN, 0}, {db_.is_open() ? db_.socket() : -1, POLLIN, 0}};
  static_cast<void>(::poll(watched, 2, static_cast<int>(std::max<std::int64_t>(most_ms, 0))));
  eventfd_t asked = 0;
  if (watched[0].revents != 0) ::eventfd_read(event_, &asked);
}

void Bell::run() {
  pthread_setname_np(pthread_self(), "bell");  // for top, perf and debuggers
  while (!stopping_) {
    if (!db_.is_open() && !listen()) {
      const bool never = has_no_bell(db_);
      db_.close();
      stop_working();
      if (never) return;
      sleep(kRetryMs);
      continue;
    }
    const std::int64_t ring_at =
        asked_ ? rung_at_ + kPauseMs : std::max(rung_at_, heard_at_) + kProofMs;
    if (now_ms() < ring_at) {
      sleep(ring_at - now_ms());
    } else {
      asked_ = false;
      if (!notify() && db_.trouble() == engine::Trouble::lost) db_.close();
    }
    if (db_.is_open()) hear();
    if (!db_.is_open() || now_ms() - heard_at_ > 2 * kProofMs) stop_working();
  }
}

}  // namespace stardrop::storage::postgres
