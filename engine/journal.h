// The journal: every command that was carried out, with its reply, chained by hash.
//
// It is the idempotency store, the audit log and the input of a replay at once. An entry is
//   size of the rest | code | op − previous op | time − previous time | caller | key | fingerprint
//   | command | reply
// and its hash is SHA-256(hash of the entry before it ‖ entry). Behind each entry stand the first
// four bytes of its hash, so that a verifier can name the first entry that is wrong.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/envelope.h"
#include "engine/store.h"

namespace stardrop::engine {

/// An entry, decoded.
struct JournalEntry {
  OpId op;
  Instant at;
  std::uint64_t seed = 0;
  Request request;
  market::AnyReply reply;
  Digest chain{};
};

/// Writes the entries of one batch.
class JournalWriter {
 public:
  /// Continues the chain of `head`. `seed` is the batch's; each operation's is derived from it.
  void begin(const LaneHead& head, std::uint64_t seed);
  /// Appends an entry. Operations and times rise.
  void append(OpId op,
              Instant at,
              const Request& request,
              const market::AnyCommand& command,
              const market::AnyReply& reply);
  /// The entry's operation made objects with ids up to this one.
  void made_ids_up_to(std::int64_t id) noexcept { head_.last_id = id; }
  bool empty() const noexcept { return batch_.entries == 0; }
  /// Whether `op` is one of this batch.
  bool holds(OpId op) const noexcept {
    return !empty() && op >= batch_.first_op && op <= batch_.last_op;
  }
  const JournalBatch& batch() const noexcept { return batch_; }
  LaneHead head() const noexcept { return head_; }

 private:
  JournalBatch batch_;
  LaneHead head_;
  std::string entry_;
};

/// The seed of one operation of a batch.
std::uint64_t operation_seed(std::uint64_t batch_seed, OpId op) noexcept;

/// Goes through the entries of a batch, checking each against the chain that ended in `before`.
/// `take` returns false to stop early. Refused with internal, which names the first op that is
/// wrong (fact `op`), if the batch is damaged.
Status read_entries(const JournalBatch& batch,
                    const Digest& before,
                    const std::function<bool(JournalEntry&&)>& take);

/// Finds one entry of a batch without checking the chain.
std::optional<JournalEntry> find_entry(const JournalBatch& batch, OpId op);

}  // namespace stardrop::engine
