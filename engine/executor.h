// The executor: carries out batches of requests against a store. One thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "engine/envelope.h"
#include "engine/journal.h"
#include "engine/key_index.h"
#include "engine/keyring.h"
#include "engine/recent_batches.h"
#include "engine/sequencer.h"
#include "engine/store.h"

namespace stardrop::engine {

/// Most rounds of prefetch before a command is taken for broken.
inline constexpr int kPrefetchRoundsMax = 8;
/// How often a batch is made again when other writers were in its way.
inline constexpr int kRedoMax = 12;
/// What a node of several keeps of batches whose operations may be asked for again.
inline constexpr std::size_t kRecentBytes = std::size_t{32} << 20U;

/// How an executor works.
struct ExecutorOptions {
  SecretKey master_key{};
  /// Where a batch's seed comes from.
  std::function<std::uint64_t()> entropy;
};

/// What happened in a batch, for those who listen.
struct BatchReport {
  const std::vector<market::Event>& events;
  const market::State& state;  ///< for_each_change tells what changed
};

/// Reads rows for a query: as they were committed last. The engine's thread only.
class Reader {
 public:
  Reader(Store& store, market::State& state, const Keyring& keyring, Instant the_now) noexcept
      : now(the_now), store_(store), state_(state), keyring_(keyring) {}

  /// The row, or null if there is none. The pointer is good until the next call.
  template <class Row>
  const Row* find(const typename Row::Key& key) {
    const Table<Row>& table = state_.table<Row>();
    if (table.known(key) == Table<Row>::Known::no) {
      want<Row>(key);
      load_missing();
    }
    return table.peek(key);
  }
  /// Names a row that will be asked for. It comes along with the next one that has to be loaded: of
  /// a database elsewhere that is one round trip for all.
  template <class Row>
  void want(const typename Row::Key& key) {
    if (state_.table<Row>().known(key) != Table<Row>::Known::no) return;
    auto& keys = missing_.of<Row>();
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  /// Names a line of gifts that will be followed: `first`, the one its owner had received before
  /// it, and so on, `most` of them.
  void want_line(GiftId first, std::size_t most) {
    if (!store_.load_line(first, most, state_).ok()) failed_ = true;
  }
  /// Rows of an ordered table from `from` on, of ranged rows only those of its range, until
  /// `visit(row)` returns false.
  template <class Row, class Visit>
  void walk(const typename Row::Key& from, Visit&& visit) {
    const std::int64_t range = market::range_of<Row>(from);
    if (state_.table<Row>().range_lacks(range) > 0) {
      missing_.ranges_of<Row>().push_back({range, std::numeric_limits<std::size_t>::max()});
      load_missing();
    }
    state_.table<Row>().walk(from, 0, visit);
  }
  /// Opens sealed personal data; nothing if the author was erased.
  std::optional<std::string> open(AccountId author,
                                  std::string_view context,
                                  std::string_view sealed) const {
    return keyring_.open(author, context, sealed);
  }
  /// Whether the store failed to answer: what was read may be incomplete.
  bool failed() const noexcept { return failed_; }

  const Instant now;

 private:
  void load_missing() {
    missing_.add_one();
    if (!store_.load(missing_, state_).ok()) failed_ = true;
    missing_.clear();
  }

  Store& store_;
  market::State& state_;
  const Keyring& keyring_;
  market::Keys missing_;
  bool failed_ = false;
};

/// See engine/README.md for the life of a batch.
class Executor {
 public:
  Executor(Store& store, const Clock& clock, ExecutorOptions options);

  /// Opens the store and makes what a new one lacks. Also after a failed commit, to begin again
  /// from what is durable.
  Status open();

  /// Called after each commit, before the outcomes are returned.
  void on_commit(std::function<void(const BatchReport&)> listener) {
    listener_ = std::move(listener);
  }

  /// Carries out the requests in order, in one transaction; `outcomes` gets one each. When it
  /// returns, every receipt is durable.
  void execute(std::span<Request> requests, std::vector<Outcome>& outcomes);

  /// Applies a journalled batch again, each operation with its number, time and seed, and commits
  /// it with the same journal. Refused with internal, which names the operation (fact `op`), if
  /// the batch does not continue the chain or an operation comes out differently; `open` must be
  /// called then before anything else.
  Status replay(const JournalBatch& batch);

  /// Something to read with, between batches. Of a shared store it reads everything anew.
  Reader reader() {
    if (store_.is_shared()) doubt();
    return Reader(store_, state_, keyring_, now());
  }
  /// Takes in what other writers of a shared store have committed, and tells the listener. Between
  /// batches. Refused with storage_unavailable.
  Status take_news();
  /// Whether events of the last batch wait for it.
  bool has_news() const { return store_.has_news(); }
  /// See `Store`: who is called when others have committed, and whether that can be relied on.
  void on_ring(std::function<void()> wake) { store_.on_ring(std::move(wake)); }
  bool has_bell() const { return store_.has_bell(); }
  std::int64_t writers() const { return store_.writers(); }
  /// The ledger's time.
  Instant now() const noexcept { return sequencer_.now(clock_.now()); }
  /// The next moment something is due; not set if nothing is, or nobody knows.
  Instant next_timer();
  /// Housekeeping between batches. After a failed commit it opens the store again, so that those
  /// who only read need not wait for the next command.
  Status tidy(bool idle);
  Status flush() { return store_.flush(state_); }
  /// Everything as of the last commit, to be read by any one thread while this goes on.
  Result<std::unique_ptr<Snapshot>> snapshot() {
    STARDROP_TRY(flush());
    return store_.snapshot();
  }

  const market::State& state() const noexcept { return state_; }
  const KeyIndex& keys() const noexcept { return keys_; }
  LaneHead head() const noexcept { return head_; }
  /// Whether the last commit failed so that `open` must be called before anything else.
  bool must_reopen() const noexcept { return must_reopen_; }
  bool is_shared() const { return store_.is_shared(); }
  /// How often a batch was made again because another writer was in its way.
  std::uint64_t redone() const noexcept { return redone_; }
  /// Number of commands refused because they would have broken an invariant.
  std::uint64_t violations() const noexcept { return violations_; }

 private:
  struct Applied {
    market::AnyReply reply;
    std::int64_t last_id;
  };

  std::uint32_t next_stamp();
  void doubt();
  void declare_system_accounts(market::Prefetch& rows);
  Status load_missing();
  Status load_for(const market::AnyCommand& command,
                  const market::Caller& caller,
                  Instant at,
                  std::int64_t lane);
  void name_rows(std::span<const Request> requests, Instant at);
  void load_ahead(std::span<const Request> requests);
  static bool needs_look(const market::Keys& keys);
  void turn_away(std::span<const Request> requests);
  bool is_turned_away(std::size_t at) const {
    return at < turned_away_.size() && turned_away_[at].has_value();
  }
  void lock_ahead(std::span<const Request> requests);
  void plan_leases(std::span<const Request> requests);
  void lease_for(const Request& request);
  Status settle_slices();
  void note_dry_slices();
  void settle_unsettled();
  market::RuleSettings rules() const;
  Status check_request(const Request& request, Instant at) const;
  void digest_keys(std::span<const Request> requests);
  void attempt(std::span<Request> requests, std::vector<Outcome>& outcomes);
  bool is_over();
  void give_up_batch();
  void take_back(std::vector<Outcome>& outcomes, const Error& error);
  void pause_before_redo(int tries);
  std::vector<OpId> ops_of(const UsedKey& key) const;
  void find_replayed();
  Result<std::optional<JournalEntry>> find_entry_of(OpId op);
  std::optional<Outcome> known_outcome(const Request& request, const UsedKey& key);
  /// `key` is the digest of its key; 0 if it has none.
  Outcome execute_one(Request& request, const UsedKey& key);
  Status claim_timers(market::RunTimers& command, Instant at);
  Result<Applied> apply(market::AnyCommand& command,
                        const market::Caller& caller,
                        OpId op,
                        Instant at,
                        std::uint64_t seed,
                        bool sealed);
  Status check_invariants(market::Effect allowed);
  bool may_go_on_beside_others() const;
  void end_scope(bool keep);
  Status replay_one(JournalEntry&& entry, std::int64_t& last_id);
  void tell_listener();
  Status commit(const JournalBatch& batch, const LaneHead& head);

  Store& store_;
  const Clock& clock_;
  ExecutorOptions options_;
  market::State state_;
  Keyring keyring_;
  KeyIndex keys_;
  Sequencer sequencer_;
  LaneHead head_;
  JournalWriter journal_;
  std::uint64_t batch_seed_ = 0;
  std::vector<UsedKey> new_keys_;
  std::vector<market::Event> events_;
  std::function<void(const BatchReport&)> listener_;
  market::Keys missing_;
  std::vector<UsedKey> digests_;
  std::vector<market::SlicesNeeded> slices_needed_;
  std::uint32_t stamp_ = 0;
  std::uint64_t violations_ = 0;
  bool must_reopen_ = false;

  // Of a shared store.
  std::unordered_multimap<std::uint64_t, OpId> used_;  // keys of this batch, used before or in it
  RecentBatches recent_{kRecentBytes};
  std::map<std::uint32_t, LaneHead> other_lanes_;  // of a replay
  std::vector<std::optional<Error>> turned_away_;  // late buyers of this batch
  std::span<const UsedKey> keys_to_find_;          // with the next lock
  bool alone_ = false;                             // no other writer is at work
  bool must_be_alone_ = false;                     // the batch has to be made again that way
  std::uint64_t redone_ = 0;
  std::vector<market::LeaseStock> leases_;  // that this batch will ask for
  std::set<PairKey> unsettled_;             // slices to settle or call in between batches
};

}  // namespace stardrop::engine
