// Lanes: one a node, leased, with where its journal stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "engine/store.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// The lane this node writes. A node's number is that of its lane, so ids of two nodes never meet.
/// Whoever holds the row of a lane locked is the only one to write it; the lease, by the database's
/// clock, says whether somebody else may take it.
class Lanes {
 public:
  /// A name that no other process has.
  explicit Lanes(std::string owner, Duration lease);

  /// Takes the lane it had before, one that is free, or a new one. Refused with
  /// storage_unavailable (fact `reason`: `no_free_lane` if 128 nodes are alive).
  Result<engine::LaneHead> take(Connection& db);
  /// Gives it back at a clean stop.
  void give_back(Connection& db);

  /// Adds the statements that lock this lane, or all of them, at the beginning of a transaction.
  void send_lock(Connection& db, bool all) const;
  /// Number of their answers.
  static int lock_answers(bool all) noexcept { return all ? 2 : 1; }
  /// Whether the answer says that the lane is still ours.
  bool is_ours(const Answer& answer) const;

  /// Adds the statement that asks for the latest time and the highest id of all lanes.
  static void send_latest(Connection& db);

  /// Adds the statement that renews the lease of a lane that is locked.
  void send_renew(Connection& db) const;
  /// Adds the statement that moves the lane on and renews the lease.
  void send_advance(Connection& db, const engine::LaneHead& head) const;
  /// Renews the lease. Refused with storage_unavailable if the lane is no longer ours.
  Status renew(Connection& db);
  /// Where the lane stands, waiting for whatever transaction is still at work on it, and made
  /// durable: what it says will not change. Refused with storage_unavailable.
  Result<engine::LaneHead> settle(Connection& db);

  std::uint32_t lane() const noexcept { return lane_; }

 private:
  Result<std::int64_t> choose(Connection& db);
  Result<std::optional<engine::LaneHead>> try_to_take(Connection& db);

  std::string owner_;
  Duration lease_;
  std::uint32_t lane_ = 0;
  bool has_lane_ = false;
};

/// What a node is told whose lane another one took.
Error lease_lost();

/// Reads where lanes stand: columns lane, last_op, last_time, chain, last_id.
engine::LaneHead read_lane_head(const Answer& answer, int row);

}  // namespace stardrop::storage::postgres
