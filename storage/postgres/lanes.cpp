// Leases by the database's clock, under row locks.
#include "storage/postgres/lanes.h"

#include <algorithm>

#include "base/hash.h"
#include "ledger/ids.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {
namespace {

using engine::LaneHead;

constexpr int kTriesMax = 20;
/// How often a lock of a lane is waited for before whoever opens the store hears of it.
constexpr int kContendedMax = 2;
constexpr std::int64_t kLanesMax = std::int64_t{1} << ledger::kNodeBits;

const std::string kLockOne = "SELECT lane, owner FROM lanes WHERE lane = $1 FOR UPDATE";
const std::string kLockAll = "SELECT lane, owner FROM lanes ORDER BY lane FOR UPDATE";
const std::string kLatest =
    "SELECT COALESCE(max(last_time), 0), COALESCE(max(last_id), 0) FROM lanes";
const std::string kRenew =
    "UPDATE lanes SET lease_until = clock_timestamp() + $3 * interval '1 microsecond' "
    "WHERE lane = $1 AND owner = $2 RETURNING 1";
const std::string kHead =
    "SELECT lane, last_op, last_time, chain, last_id FROM lanes WHERE lane = $1";

}  // namespace

Error lease_lost() {
  return refused("Another process took this node's number when its lease ended.", "lease_lost");
}

LaneHead read_lane_head(const Answer& answer, int row) {
  LaneHead out;
  out.lane = static_cast<std::uint32_t>(answer.integer(row, 0));
  out.last_op = OpId(answer.integer(row, 1));
  out.last_time = Instant{answer.integer(row, 2)};
  const std::string_view chain = answer.bytes(row, 3);
  if (chain.size() == out.chain.size()) std::ranges::copy(chain, out.chain.begin());
  out.last_id = answer.integer(row, 4);
  return out;
}

Lanes::Lanes(std::string owner, Duration lease) : owner_(std::move(owner)), lease_(lease) {}

/// The lane to take; one behind the last if none is free.
Result<std::int64_t> Lanes::choose(Connection& db) {
  STARDROP_TRY_ASSIGN(
      const Answer all,
      db.run("SELECT lane, owner = $1 OR lease_until < clock_timestamp() FROM lanes ORDER BY lane "
             "FOR UPDATE",
             Parameters().add(owner_, Type::text)));
  std::int64_t next = 0;
  for (int row = 0; row < all.rows(); ++row) {
    const std::int64_t lane = all.integer(row, 0);
    const bool free = all.integer(row, 1) != 0;
    if (free && (!has_lane_ || lane == static_cast<std::int64_t>(lane_))) return lane;
    next = lane + 1;
  }
  if (std::exchange(has_lane_, false)) return choose(db);
  if (next < kLanesMax) return next;
  return refused("As many nodes are alive as there are numbers for.", "no_free_lane");
}

Result<LaneHead> Lanes::take(Connection& db) {
  int contended = 0;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    auto head = try_to_take(db);
    if (head && *head) return **std::move(head);
    if (head) continue;
    // A node that was cut off keeps its lane locked until the server notices.
    if (db.trouble() != engine::Trouble::contended) return std::move(head).error();
    STARDROP_TRY(db.run("ROLLBACK"));
    if (++contended == kContendedMax) return std::move(head).error();
  }
  return lease_lost();
}

/// Nothing if another node was faster to make the same new lane.
Result<std::optional<LaneHead>> Lanes::try_to_take(Connection& db) {
  STARDROP_TRY(db.run("BEGIN"));
  STARDROP_TRY_ASSIGN(const std::int64_t lane, choose(db));
  db.send(
      "INSERT INTO lanes(lane, owner, lease_until, last_op, last_time, last_id, chain) "
      "VALUES($1, $2, clock_timestamp() + $3 * interval '1 microsecond', 0, 0, 0, $4) "
      "ON CONFLICT (lane) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until "
      "WHERE lanes.owner = excluded.owner OR lanes.lease_until < clock_timestamp() RETURNING 1",
      Parameters()
          .add(lane)
          .add(owner_, Type::text)
          .add(lease_.us)
          .add(std::string(sizeof(Digest), '\0'), Type::bytea));
  db.send(kHead, Parameters().add(lane));
  db.send("COMMIT");
  STARDROP_TRY_ASSIGN(const auto answers, db.receive());
  if (answers[0].rows() != 1) return std::optional<LaneHead>();
  lane_ = static_cast<std::uint32_t>(lane);
  has_lane_ = true;
  return std::optional<LaneHead>(read_lane_head(answers[1], 0));
}

void Lanes::give_back(Connection& db) {
  if (!has_lane_) return;
  static_cast<void>(
      db.run("UPDATE lanes SET lease_until = clock_timestamp() WHERE lane = $1 AND owner = $2",
             Parameters().add(std::int64_t{lane_}).add(owner_, Type::text)));
}

void Lanes::send_lock(Connection& db, bool all) const {
  if (!all) {
    db.send(kLockOne, Parameters().add(std::int64_t{lane_}));
    return;
  }
  // Whoever takes a new lane locks all others first: the second look sees one that came while the
  // first waited, and no further one can come.
  db.send(kLockAll);
  db.send(kLockAll);
}

bool Lanes::is_ours(const Answer& answer) const {
  for (int row = 0; row < answer.rows(); ++row) {
    if (answer.integer(row, 0) == std::int64_t{lane_}) return answer.bytes(row, 1) == owner_;
  }
  return false;
}

void Lanes::send_latest(Connection& db) { db.send(kLatest); }

void Lanes::send_advance(Connection& db, const LaneHead& head) const {
  db.send(
      "UPDATE lanes SET last_op = $2, last_time = $3, last_id = $4, chain = $5, "
      "lease_until = clock_timestamp() + $6 * interval '1 microsecond' WHERE lane = $1",
      Parameters()
          .add(std::int64_t{head.lane})
          .add(head.last_op.value())
          .add(head.last_time.us)
          .add(head.last_id)
          .add(bytes_of(head.chain), Type::bytea)
          .add(lease_.us));
}

void Lanes::send_renew(Connection& db) const {
  db.send(kRenew, Parameters().add(std::int64_t{lane_}).add(owner_, Type::text).add(lease_.us));
}

Status Lanes::renew(Connection& db) {
  STARDROP_TRY_ASSIGN(
      const Answer renewed,
      db.run(kRenew, Parameters().add(std::int64_t{lane_}).add(owner_, Type::text).add(lease_.us)));
  if (renewed.rows() == 1) return done();
  return lease_lost();
}

Result<LaneHead> Lanes::settle(Connection& db) {
  // A commit that waits for a standby is seen here before it is safe there; one of our own behind
  // it, which waits as well, is safe only after it.
  STARDROP_TRY(renew(db));
  STARDROP_TRY_ASSIGN(const Answer head, db.run(kHead, Parameters().add(std::int64_t{lane_})));
  if (head.rows() != 1) return lease_lost();
  return read_lane_head(head, 0);
}

}  // namespace stardrop::storage::postgres
