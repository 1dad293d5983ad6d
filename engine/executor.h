// The executor: carries out batches of requests against a store. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "engine/envelope.h"
#include "engine/journal.h"
#include "engine/key_index.h"
#include "engine/keyring.h"
#include "engine/sequencer.h"
#include "engine/store.h"

namespace stardrop::engine {

/// Most rounds of prefetch before a command is taken for broken.
inline constexpr int kPrefetchRoundsMax = 8;

/// How an executor works.
struct ExecutorOptions {
  std::uint32_t node = 0;
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
    if (const Row* const row = table.peek(key)) return row;
    if (table.known(key) != Table<Row>::Known::no) return nullptr;
    missing_.clear();
    missing_.of<Row>().push_back(key);
    missing_.add_one();
    if (!store_.load(missing_, state_).ok()) failed_ = true;
    return table.peek(key);
  }
  /// Rows of an ordered table from `from` on, until `visit(row)` returns false.
  template <class Row, class Visit>
  void walk(const typename Row::Key& from, Visit&& visit) {
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

  /// Something to read with.
  Reader reader() { return Reader(store_, state_, keyring_, now()); }
  /// The ledger's time.
  Instant now() const noexcept { return sequencer_.now(clock_.now()); }
  /// The next moment something is due; not set if nothing is.
  Instant next_timer() const;
  /// Housekeeping between batches. After a failed commit it opens the store again, so that those
  /// who only read need not wait for the next command.
  Status tidy(bool idle) {
    if (must_reopen_) return open();
    return store_.tidy(state_, idle);
  }
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
  /// Number of commands refused because they would have broken an invariant.
  std::uint64_t violations() const noexcept { return violations_; }

 private:
  struct Applied {
    market::AnyReply reply;
    std::int64_t last_id;
  };

  std::uint32_t next_stamp();
  void declare_system_accounts(market::Prefetch& rows);
  Status load_for(const market::AnyCommand& command, const market::Caller& caller, Instant at);
  void load_ahead(std::span<const Request> requests);
  void digest_keys(std::span<const Request> requests);
  std::optional<Outcome> known_outcome(const Request& request, std::uint64_t digest);
  /// `digest` is that of its key, 0 if it has none.
  Outcome execute_one(Request& request, std::uint64_t digest);
  Result<Applied> apply(market::AnyCommand& command,
                        const market::Caller& caller,
                        OpId op,
                        Instant at,
                        std::uint64_t seed,
                        bool sealed);
  Status check_invariants(market::Effect allowed);
  void end_scope(bool keep);
  Status replay_one(JournalEntry&& entry);
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
  std::vector<std::uint64_t> digests_;
  std::uint32_t stamp_ = 0;
  std::uint64_t violations_ = 0;
  bool must_reopen_ = false;
};

}  // namespace stardrop::engine
