// Chain, order and keys of the journal.
#include "engine/audit_journal.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

#include "base/check.h"
#include "engine/journal.h"
#include "engine/key_index.h"

namespace stardrop::engine {
namespace {

/// Says where a damaged batch is wrong.
OpId first_wrong_op(const Error& error, const JournalBatch& batch) {
  for (const Fact& fact : error.facts()) {
    if (fact.name != "op") continue;
    return OpId::parse(std::get<std::string>(fact.value)).value_or(batch.first_op);
  }
  return batch.first_op;
}

/// Digests that occur more than once: one key used twice, or, hardly ever, two keys.
std::unordered_set<std::uint64_t> occurring_twice(std::vector<std::uint64_t> digests) {
  std::ranges::sort(digests);
  std::unordered_set<std::uint64_t> out;
  for (std::size_t i = 1; i < digests.size(); ++i) {
    if (digests[i] == digests[i - 1]) out.insert(digests[i]);
  }
  return out;
}

/// Reads the journal again, for the keys that seem to have been used twice.
Status name_doubtful(Snapshot& snapshot,
                     const std::unordered_set<std::uint64_t>& doubtful,
                     Findings& findings) {
  std::map<std::uint32_t, Digest> chains;
  std::set<std::pair<std::string, std::string>> seen;
  return snapshot.read_journal(OpId(), [&](const JournalBatch& batch) {
    const Digest before = std::exchange(chains[batch.lane], batch.chain);
    // A damaged batch was told of already; what can be read of it is.
    static_cast<void>(read_entries(batch, before, [&](JournalEntry&& entry) {
      const std::string& key = entry.request.idempotency_key;
      if (key.empty()) return true;
      if (!doubtful.contains(KeyIndex::digest(entry.request.caller, key))) return true;
      std::string caller(name_of(entry.request.caller.kind));
      if (entry.request.caller.account.is_set()) {
        caller += ' ' + entry.request.caller.account.text();
      }
      if (!seen.emplace(std::move(caller), key).second) {
        findings.add("keys_are_used_once", entry.op.text(), "The caller used this key before.");
      }
      return true;
    }));
    return true;
  });
}

}  // namespace

void LaneWalk::resume(const LaneMark& mark) {
  Lane& lane = lanes_[static_cast<std::uint32_t>(mark.lane)];
  const std::string chain = unhex(mark.chain);
  STARDROP_ASSERT(chain.size() == lane.chain.size(), "a mark has a whole hash");
  std::ranges::transform(chain, lane.chain.begin(),
                         [](char c) { return static_cast<unsigned char>(c); });
  lane.mark = mark;
  lane.resumed = mark.op;
}

void LaneWalk::follow(const JournalBatch& batch) {
  Lane& lane = lanes_[batch.lane];
  if (batch.last_op <= lane.resumed) return;
  LaneMark& mark = lane.mark;
  mark.lane = batch.lane;
  const Status sound = read_entries(batch, lane.chain, [&](JournalEntry&& entry) {
    if (entry.op <= mark.op || entry.at <= mark.at) {
      fault_("journal_rises", batch.lane, entry.op, "Its number or time is not after the last.");
    }
    mark.op = entry.op;
    mark.at = entry.at;
    ++mark.entries;
    visit_(entry, mark);
    return true;
  });
  if (!sound) {
    fault_("journal_chain", batch.lane, first_wrong_op(sound.error(), batch),
           "The entry does not continue the chain.");
    mark.op = batch.last_op;
  }
  lane.chain = batch.chain;
}

std::vector<LaneMark> LaneWalk::lanes() const {
  std::vector<LaneMark> out;
  for (const auto& [number, lane] : lanes_) {
    out.push_back(lane.mark);
    out.back().chain = hex(bytes_of(lane.chain));
  }
  return out;
}

Status audit_journal(Snapshot& snapshot, AuditReport& report, Findings& findings) {
  std::vector<std::uint64_t> digests;
  LaneWalk walk(
      [&](const JournalEntry& entry, const LaneMark&) {
        ++report.checked.journal_entries;
        const std::string& key = entry.request.idempotency_key;
        if (!key.empty()) digests.push_back(KeyIndex::digest(entry.request.caller, key));
      },
      [&](std::string_view invariant, std::uint32_t, OpId op, std::string detail) {
        findings.add(invariant, op.text(), std::move(detail));
      });
  STARDROP_TRY(snapshot.read_journal(OpId(), [&](const JournalBatch& batch) {
    ++report.checked.journal_batches;
    walk.follow(batch);
    return true;
  }));
  report.lanes = walk.lanes();
  const auto doubtful = occurring_twice(std::move(digests));
  if (!doubtful.empty()) STARDROP_TRY(name_doubtful(snapshot, doubtful, findings));
  return done();
}

}  // namespace stardrop::engine
