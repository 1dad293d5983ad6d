// Checkpoints: signed words about where the journal stood, kept outside the database.
//
// The chain alone can't tell an old copy put back, or a tail cut off, from the truth: both are
// whole. A checkpoint in somebody else's hands can.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/fields.h"
#include "base/hash.h"
#include "base/signing.h"
#include "base/time.h"
#include "engine/audit.h"
#include "engine/snapshot.h"
#include "engine/store.h"

namespace stardrop::engine {

/// Where every lane stood at a moment.
struct Checkpoint {
  std::vector<LaneMark> lanes;
  /// The hash of all rows at that moment; empty if it was not computed.
  std::string state_hash;

  static constexpr auto fields() {
    return std::tuple(field("lanes", &Checkpoint::lanes, "Where each writer's lane stood."),
                      field("state_hash", &Checkpoint::state_hash, "The hash of all rows."));
  }
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;

  /// What an audit found, if it found nothing wrong.
  static Checkpoint of(const AuditReport& report);
  /// The checkpoint and its signature in one word, small enough to paste.
  std::string seal(const SigningKey& key) const;
  /// Reads what `seal` wrote. Refused with invalid_value (it isn't one), forbidden (somebody else
  /// signed it, or it was changed).
  static Result<Checkpoint> open(std::string_view word, const PublicKey& key);
};

/// Appends a checkpoint to a file, one a line, and syncs it. A last line that was cut off by a
/// crash is taken away first. Refused with storage_unavailable.
Status append_checkpoint(const std::string& path,
                         const Checkpoint& checkpoint,
                         const SigningKey& key);

/// Reads a file of checkpoints. Refused with not_found, or like `Checkpoint::open` for the first
/// line that is wrong (fact `line`); a last line without its end was cut off and does not count.
Result<std::vector<Checkpoint>> read_checkpoints(const std::string& path, const PublicKey& key);

/// A checkpoint of a later moment, without a state hash: walks only the journal behind `before`,
/// all of it if that is empty. Rows need not be flushed for it. Refused with storage_unavailable,
/// or internal if the journal is damaged (fact `op`).
Result<Checkpoint> next_checkpoint(Snapshot& snapshot, const Checkpoint& before);

/// Looks whether a store's journal has the operations where `checkpoint` says its lanes stood; a
/// look, not a walk. Refused with precondition_failed (fact `op`; the detail tells an old copy from
/// another history), storage_unavailable.
Status goes_through(Store& store, const Checkpoint& checkpoint);

/// How a journal contradicts itself or a checkpoint.
enum class FaultKind : std::uint8_t {
  damaged,     ///< an entry does not continue the chain
  reordered,   ///< an entry's number or time is not after the one before
  forked,      ///< the journal goes on, but not through the checkpoint
  cut_off,     ///< the journal ends before the checkpoint: its tail is gone, or it is an old copy
  rows_differ  ///< the rows are not those the checkpoint stands for
};
/// Their names, in order.
constexpr auto enum_names(FaultKind) {
  return std::array<std::string_view, 5>{"damaged", "reordered", "forked", "cut_off",
                                         "rows_differ"};
}

/// One fault.
struct JournalFault {
  FaultKind kind = FaultKind::damaged;
  std::int64_t lane = 0;
  OpId op;
  std::string detail;

  static constexpr auto fields() {
    return std::tuple(field("kind", &JournalFault::kind, "What is wrong."),
                      field("lane", &JournalFault::lane, "In which lane."),
                      field("op", &JournalFault::op, "The first operation that is wrong."),
                      field("detail", &JournalFault::detail, "In words."));
  }
};

/// What a verification came to.
struct VerifyReport {
  bool ok = false;
  std::int64_t entries = 0;
  std::int64_t checkpoints = 0;
  std::vector<LaneMark> lanes;
  std::vector<JournalFault> faults;

  static constexpr auto fields() {
    using R = VerifyReport;
    return std::tuple(
        field("ok", &R::ok, "Whether the journal is whole and goes through every checkpoint."),
        field("entries", &R::entries, "Operations read."),
        field("checkpoints", &R::checkpoints, "Checkpoints the journal goes through."),
        field("lanes", &R::lanes, "Where each lane stands."),
        field("faults", &R::faults, "What is wrong, in order of the journal."));
  }
};

/// Reads the whole journal and holds it against the checkpoints, whose signatures were checked.
/// Refused with storage_unavailable.
Result<VerifyReport> verify_journal(Snapshot& snapshot, std::span<const Checkpoint> checkpoints);

}  // namespace stardrop::engine
