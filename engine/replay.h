// The replay: all rows made again from the journal, and compared with those of the store.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/time.h"
#include "engine/executor.h"
#include "engine/snapshot.h"

namespace stardrop::engine {

/// A row that the store has and the journal doesn't explain, or the other way round.
struct RowDifference {
  std::string table;
  std::string key;
  std::string detail;

  static constexpr auto fields() {
    return std::tuple(field("table", &RowDifference::table, "The row's table."),
                      field("key", &RowDifference::key, "The row's key."),
                      field("detail", &RowDifference::detail, "In which way it differs."));
  }
};

/// What a replay came to.
struct ReplayReport {
  bool ok = false;
  std::int64_t batches = 0;
  std::int64_t entries = 0;
  /// The operation that is damaged or comes out differently, if one does.
  OpId first_wrong_op;
  std::string detail;
  std::string state_hash;
  std::string rebuilt_state_hash;
  std::vector<RowDifference> differences;
  std::int64_t differences_total = 0;
  std::int64_t milliseconds = 0;

  static constexpr auto fields() {
    using R = ReplayReport;
    return std::tuple(
        field("ok", &R::ok, "Whether every reply and every row came out the same."),
        field("batches", &R::batches, "Batches applied."),
        field("entries", &R::entries, "Operations applied."),
        field("first_wrong_op", &R::first_wrong_op, "The first that came out differently."),
        field("detail", &R::detail, "What is wrong with it."),
        field("state_hash", &R::state_hash, "The hash of the store's rows."),
        field("rebuilt_state_hash", &R::rebuilt_state_hash, "The hash of the rows made again."),
        field("differences", &R::differences, "Rows that differ; the first ones."),
        field("differences_total", &R::differences_total, "Number of them."),
        field("milliseconds", &R::milliseconds, "How long it took."));
  }
};

/// Applies every batch of the journal to `into`, which is open and new. `report` counts and names
/// the first wrong operation. Refused with storage_unavailable.
Status rebuild(Snapshot& snapshot, Executor& into, ReplayReport& report);

/// Makes all rows again in memory and compares them with those of the snapshot. Any thread. `clock`
/// measures how long it took. Refused with storage_unavailable.
Result<ReplayReport> replay(Snapshot& snapshot, const Clock& clock);

}  // namespace stardrop::engine
