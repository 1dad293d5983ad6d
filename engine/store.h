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
#include "market/events.h"
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

/// A key that was used: its digest and the operation that used it. Where keys must be unique over
/// several writers both halves count; the index in memory goes by the first.
struct UsedKey {
  std::uint64_t digest = 0;
  OpId op;
  std::uint64_t second_half = 0;
};

/// Takes used keys, many at a time, and about how many are still to come.
using TakeKeys = std::function<void(std::span<const UsedKey> keys, std::size_t to_come)>;

/// Where a lane stands. Its number is that of the node which writes it.
struct LaneHead {
  std::uint32_t lane = 0;
  OpId last_op;
  Instant last_time;
  Digest chain{};
  std::int64_t last_id = 0;  ///< of an object; 0 if the store doesn't keep it
};

/// What one batch changed. The rows are in the state's tables.
struct Changes {
  market::State& state;
  const JournalBatch& journal;
  const LaneHead& head;  ///< where its lane stands behind it
  const std::vector<UsedKey>& keys;
  const std::vector<market::Event>& events;
};

/// What a lock is asked for besides rows.
struct LockNeeds {
  /// Keys of the batch that may have been used before.
  std::span<const UsedKey> keys;
  /// At the beginning of a batch: no other writer is at work until it ends.
  bool alone = false;
};

/// What a lock says besides rows.
struct Locked {
  /// The latest time and the highest id of all that was committed until then: what comes next may
  /// be its effect, so no operation of this batch may be stamped before them.
  Instant latest;
  std::int64_t highest_id = 0;
  /// The operations that used the keys.
  std::vector<UsedKey> used;
};

/// Why a shared store can't go on with a batch.
enum class Trouble : std::uint8_t {
  none,
  contended,  ///< another writer was in the way: made again from the start, it may get through
  lost        ///< the connection, or the lane: the store must be opened again
};

/// A database. All calls come from the engine's thread.
///
/// After `load`, what was asked for is known to the state: present or absent. `commit` makes a
/// batch durable, all of it or nothing, before it returns. When it fails with `outcome_unknown`
/// nobody knows, and the store must be opened again.
///
/// A store may be shared: other processes write to the same database. Then what was loaded before
/// is a guess, and a batch locks all it reads before it applies anything (engine/README.md).
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
  /// Makes the batch durable. Refused with storage_unavailable (nothing was written) or
  /// outcome_unknown.
  virtual Status commit(const Changes& changes) = 0;
  /// Gives up what `lock` began.
  virtual void abort() {}
  /// Gives up what `lock` began, and returns once what it read is as safe as what `commit` makes.
  /// Refused with storage_unavailable; of a shared store see `trouble`.
  virtual Status confirm() {
    abort();
    return done();
  }
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

  // --- of shared stores ------------------------------------------------------------------------

  /// Whether others write to the same database.
  virtual bool is_shared() const { return false; }
  /// Begins a transaction if none is open, locks the rows named by `keys` in one fixed order, and
  /// reads them. Refused with storage_unavailable; see `trouble`.
  virtual Result<Locked> lock(const market::Keys& keys,
                              const LockNeeds& needs,
                              market::State& into);
  /// Gives the batches that hold `ops`, each once, as far as that is faster than one by one.
  virtual Status find_batches(std::span<const OpId> ops,
                              const std::function<void(JournalBatch&&)>& take);
  /// The operations that used these keys, as far as they are committed. Locks nothing.
  virtual Result<std::vector<UsedKey>> find_keys(std::span<const UsedKey> keys);
  /// Slices of stock whose writers are gone; none as long as it is not time to look again.
  virtual Result<std::vector<PairKey>> abandoned_slices();
  /// Locks up to `most` timers that are due and that nobody else is at, and loads them.
  virtual Status claim_timers(Instant now, std::int64_t most, market::State& into);
  /// Why the last call was refused.
  virtual Trouble trouble() const { return Trouble::none; }
  /// What was committed since it was asked last, but for what had not to wait: the events, in an
  /// order that shows no effect before its cause, and the rows of catalogue, keys and rules that
  /// others changed. Returns whether there was anything.
  virtual Result<bool> take_news(market::State& into, std::vector<market::Event>& events);
  /// After a commit: whether its events have to wait for `take_news`, which gives them in their
  /// place among those of others.
  virtual bool has_news() const { return false; }
  /// The moment of the first timer; not set if there is none.
  virtual Result<Instant> next_timer();
  /// Reads up to `most` gifts of a line, each the `older` of the one before it, as far as that can
  /// be done at once: what is not loaded then has to be loaded one by one. Refused with
  /// storage_unavailable.
  virtual Status load_line(GiftId first, std::size_t most, market::State& into);
  /// From the next `open` on `wake` is called, on any thread, when others have committed something;
  /// without one nobody is called any more, once this returns. Between two calls to other members.
  virtual void on_ring(std::function<void()> /*wake*/) {}
  /// Whether `wake` is called soon enough for looking now and then to be enough. A call may be lost
  /// all the same.
  virtual bool has_bell() const { return false; }
  /// How many write to it, this one among them, as of the last look for news.
  virtual std::int64_t writers() const { return 1; }
};

}  // namespace stardrop::engine
