// The part of the audit that walks the journal.
#pragma once

#include <functional>
#include <map>
#include <string_view>
#include <vector>

#include "engine/audit.h"
#include "engine/audit_rows.h"
#include "engine/journal.h"
#include "engine/snapshot.h"

namespace stardrop::engine {

/// Follows the lanes of a journal, batch by batch.
class LaneWalk {
 public:
  /// Called for each entry, with where its lane stands after it; the hash is in the entry.
  using Visit = std::function<void(const JournalEntry&, const LaneMark&)>;
  /// Called for what is wrong: the invariant, the first wrong operation, a sentence.
  using Fault = std::function<void(std::string_view, std::uint32_t, OpId, std::string)>;

  LaneWalk(Visit visit, Fault fault) : visit_(std::move(visit)), fault_(std::move(fault)) {}

  /// Begins a lane at a mark, not at its beginning; batches up to it are passed over.
  void resume(const LaneMark& mark);
  /// Checks a batch against where its lane stands. Damage is told once: what follows is checked
  /// against what the batch says of itself.
  void follow(const JournalBatch& batch);
  /// Where each lane stands, by number.
  std::vector<LaneMark> lanes() const;

 private:
  struct Lane {
    Digest chain{};
    LaneMark mark;
    OpId resumed;  ///< where `resume` set it
  };
  Visit visit_;
  Fault fault_;
  std::map<std::uint32_t, Lane> lanes_;
};

/// Checks that per lane numbers and times strictly rise and the chain is whole, and that no caller
/// used a key twice. Fills in the journal's part of the report. Refused with storage_unavailable.
Status audit_journal(Snapshot& snapshot, AuditReport& report, Findings& findings);

}  // namespace stardrop::engine
