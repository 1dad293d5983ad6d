// The seam to a database: where rows come from and go to. A handful of calls per batch, whatever
// the commands are.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "engine/snapshot.h"
#include "market/state.h"

namespace stardrop::engine {

/// The journal entries of one batch, as they are kept: one body, chained to the batch before it.
struct JournalBatch {
  OpId first_op;
  OpId last_op;
  std::uint32_t lane = 0;
  std::uint32_t entries = 0;
  std::string body;  ///< entries one behind the other; see journal.h
  Digest chain{};    ///< hash of the last entry
};

/// A key that was used: its 64-bit digest and the operation that used it.
struct UsedKey {
  std::uint64_t digest = 0;
  OpId op;
};

/// Takes used keys, many at a time, and about how many are still to come.
using TakeKeys = std::function<void(std::span<const UsedKey> keys, std::size_t to_come)>;

/// Where a lane stands.
struct LaneHead {
  OpId last_op;
  Instant last_time;
  Digest chain{};
};

/// What one batch changed. The rows are in the state's tables.
struct Changes {
  market::State& state;
  const JournalBatch& journal;
  Instant last_time;
  const std::vector<UsedKey>& keys;
};

/// A database. All calls come from the engine's thread.
///
/// After `load`, what was asked for is known to the state: present or absent. Writers that share
/// their database with others also `lock` before they apply; a single writer has nothing to do
/// there. `commit` makes a batch durable, all of it or nothing, before it returns. When it fails
/// with `outcome_unknown` nobody knows, and the store must be opened again.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  /// Brings the resident rows and the lane's head in; gives every used key to `take`.
  virtual Result<LaneHead> open(market::State& into, const TakeKeys& take) = 0;
  /// Reads the rows named by `keys`, without locks. Refused with storage_unavailable.
  virtual Status load(const market::Keys& keys, market::State& into) = 0;
  /// Where others write too: locks all of `keys` in one sorted statement and reads them again.
  virtual Status lock(const market::Keys& keys, market::State& into) = 0;
  /// Makes the batch durable. Refused with storage_unavailable (nothing was written) or
  /// outcome_unknown.
  virtual Status commit(const Changes& changes) = 0;
  /// Gives up what `lock` began.
  virtual void abort() = 0;
  /// Housekeeping between batches, when nobody waits for an answer: write-back, checkpoints.
  virtual Status tidy(market::State& state, bool idle) = 0;
  /// Writes back everything that is not in its table yet; before a clean stop and a full audit.
  virtual Status flush(market::State& state) = 0;

  /// The journal batch that holds `op`.
  virtual Result<std::optional<JournalBatch>> find_batch(OpId op) = 0;
  /// Gives the journal in order, from the batch behind `after` on, until `take` returns false.
  virtual Status read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) = 0;
  /// Brings every row of every table into `into`, which is empty; for audit and replay.
  virtual Status load_all(market::State& into) = 0;
  /// Everything as of the last commit, to be read while the store goes on. What was not written
  /// back yet is not in it: call `flush` first. Made by the engine's thread, read by any one.
  /// Unless a store knows better it is a copy in memory.
  virtual Result<std::unique_ptr<Snapshot>> snapshot();
};

}  // namespace stardrop::engine
