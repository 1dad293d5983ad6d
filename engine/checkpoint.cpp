// Checkpoints: their text, their file, and the journal held against them.
#include "engine/checkpoint.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "base/base64url.h"
#include "base/binary.h"
#include "engine/audit_journal.h"
#include "engine/state_hash.h"

namespace stardrop::engine {
namespace {

/// What a checkpoint's word begins with; the number is that of its form.
constexpr std::string_view kHead = "stardrop-cp1.";

/// What is signed: the head too, so that a signature is good for nothing else.
std::string signed_part(std::string_view body) { return std::string(kHead) + std::string(body); }

Error not_a_checkpoint() {
  return Error(ErrorCode::invalid_value).detail("This is not a checkpoint.");
}

/// Takes away a last line that has no end. Returns whether the file can be appended to.
bool end_line(int file) {
  off_t size = ::lseek(file, 0, SEEK_END);
  const off_t whole = size;
  char last = '\n';
  while (size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n') --size;
  return size >= 0 && (size == whole || ::ftruncate(file, size) == 0);
}

/// Looks for the entries that checkpoints name.
class Against {
 public:
  Against(std::span<const Checkpoint> checkpoints, VerifyReport& report) : report_(report) {
    for (std::size_t i = 0; i < checkpoints.size(); ++i) {
      for (const LaneMark& mark : checkpoints[i].lanes) expected_[mark.lane].push_back(&mark);
    }
    for (auto& [lane, marks] : expected_) {
      std::ranges::stable_sort(marks, {}, [](const LaneMark* mark) { return mark->op; });
    }
  }

  void entry(const JournalEntry& entry, const LaneMark& at) {
    ++report_.entries;
    auto& marks = expected_[at.lane];
    std::size_t& next = next_[at.lane];
    for (; next < marks.size() && marks[next]->op <= entry.op; ++next) {
      const LaneMark& mark = *marks[next];
      if (mark.op == entry.op && mark.chain == hex(bytes_of(entry.chain)) && mark.at == entry.at &&
          mark.entries == at.entries) {
        ++report_.checkpoints;
        sound_until_[at.lane] = mark.op;
      } else {
        forked(mark, entry.op);
      }
    }
  }

  /// What no lane has come to.
  void finish() {
    for (const auto& [lane, marks] : expected_) {
      for (std::size_t i = next_[lane]; i < marks.size(); ++i) {
        report_.faults.push_back(
            {FaultKind::cut_off, lane, marks[i]->op,
             "The journal ends before this operation: its tail is gone, or it is an old copy."});
      }
    }
  }

 private:
  void forked(const LaneMark& mark, OpId found) {
    const OpId sound = sound_until_[mark.lane];
    std::string detail =
        "The journal has operation " + found.text() + " but does not go through the checkpoint";
    detail += sound.is_set() ? "; it is sound until " + sound.text() + '.' : std::string(".");
    report_.faults.push_back({FaultKind::forked, mark.lane, mark.op, std::move(detail)});
  }

  VerifyReport& report_;
  std::map<std::int64_t, std::vector<const LaneMark*>> expected_;
  std::map<std::int64_t, std::size_t> next_;
  std::map<std::int64_t, OpId> sound_until_;
};

/// Whether the rows can be held against the checkpoint: it stands for the same moment.
bool is_of_now(const Checkpoint& checkpoint, const VerifyReport& report) {
  return !checkpoint.state_hash.empty() && checkpoint.lanes == report.lanes;
}

}  // namespace

Checkpoint Checkpoint::of(const AuditReport& report) { return {report.lanes, report.state_hash}; }

std::string Checkpoint::seal(const SigningKey& key) const {
  const std::string body = to_binary(*this);
  return std::string(kHead) + base64url(body + key.sign(signed_part(body)));
}

Result<Checkpoint> Checkpoint::open(std::string_view word, const PublicKey& key) {
  if (!word.starts_with(kHead)) return not_a_checkpoint();
  const auto bytes = parse_base64url(word.substr(kHead.size()));
  if (!bytes || bytes->size() < kSignatureSize) return not_a_checkpoint();
  const std::string_view body(bytes->data(), bytes->size() - kSignatureSize);
  const std::string_view signature = std::string_view(*bytes).substr(body.size());
  if (!is_signed_by(key, signed_part(body), signature)) {
    return Error(ErrorCode::forbidden).detail("The checkpoint was signed with another key.");
  }
  auto out = from_binary<Checkpoint>(body);
  if (!out) return not_a_checkpoint();
  return *std::move(out);
}

Status append_checkpoint(const std::string& path,
                         const Checkpoint& checkpoint,
                         const SigningKey& key) {
  const std::string line = checkpoint.seal(key) + '\n';
  const int file = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return Error(ErrorCode::storage_unavailable).with("path", path);
  const bool written =
      end_line(file) &&
      ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  if (!written) return Error(ErrorCode::storage_unavailable).with("path", path);
  return done();
}

Result<std::vector<Checkpoint>> read_checkpoints(const std::string& path, const PublicKey& key) {
  std::ifstream file(path);
  if (!file) return Error(ErrorCode::not_found).with("path", path);
  std::vector<Checkpoint> out;
  std::string word;
  for (std::int64_t line = 1; std::getline(file, word); ++line) {
    if (word.empty() || file.eof()) continue;  // only a line without its end meets the file's end
    auto checkpoint = Checkpoint::open(word, key);
    if (!checkpoint) return std::move(checkpoint).error().with("line", line);
    out.push_back(*std::move(checkpoint));
  }
  return out;
}

Result<Checkpoint> next_checkpoint(Snapshot& snapshot, const Checkpoint& before) {
  std::optional<Error> damaged;
  LaneWalk walk([](const JournalEntry&, const LaneMark&) {},
                [&](std::string_view, std::uint32_t, OpId op, std::string detail) {
                  if (damaged) return;
                  damaged = Error(ErrorCode::internal)
                                .detail("The journal is damaged. " + detail)
                                .with("op", op.text());
                });
  OpId from;
  for (const LaneMark& mark : before.lanes) {
    walk.resume(mark);
    from = from.is_set() ? std::min(from, mark.op) : mark.op;
  }
  STARDROP_TRY(snapshot.read_journal(from, [&](const JournalBatch& batch) {
    walk.follow(batch);
    return !damaged;
  }));
  if (damaged) return *std::move(damaged);
  return Checkpoint{walk.lanes(), {}};
}

Status goes_through(Store& store, const Checkpoint& checkpoint) {
  for (const LaneMark& mark : checkpoint.lanes) {
    STARDROP_TRY_ASSIGN(const std::optional<JournalBatch> batch, store.find_batch(mark.op));
    // A checkpoint is made between batches, so it stands at the end of one.
    if (batch && batch->last_op == mark.op && hex(bytes_of(batch->chain)) == mark.chain) continue;
    bool goes_on = false;
    STARDROP_TRY(store.read_journal(mark.op, [&goes_on](const JournalBatch&) {
      goes_on = true;
      return false;
    }));
    const bool other = goes_on || (batch && batch->last_op == mark.op);
    return Error(ErrorCode::precondition_failed)
        .detail(other ? "The journal went on another way than the checkpoint says."
                      : "The journal ends before the checkpoint: it is an old copy, or its tail is "
                        "gone.")
        .with("op", mark.op.text())
        .with("at", rfc3339(mark.at));
  }
  return done();
}

Result<VerifyReport> verify_journal(Snapshot& snapshot, std::span<const Checkpoint> checkpoints) {
  VerifyReport report;
  Against against(checkpoints, report);
  LaneWalk walk([&](const JournalEntry& entry, const LaneMark& at) { against.entry(entry, at); },
                [&](std::string_view invariant, std::uint32_t lane, OpId op, std::string detail) {
                  const bool order = invariant == "journal_rises";
                  report.faults.push_back({order ? FaultKind::reordered : FaultKind::damaged, lane,
                                           op, std::move(detail)});
                });
  STARDROP_TRY(snapshot.read_journal(OpId(), [&](const JournalBatch& batch) {
    walk.follow(batch);
    return true;
  }));
  against.finish();
  report.lanes = walk.lanes();
  for (const Checkpoint& checkpoint : checkpoints) {
    if (!is_of_now(checkpoint, report)) continue;
    STARDROP_TRY_ASSIGN(const StateHash rows, state_hash(snapshot));
    if (rows.text() != checkpoint.state_hash) {
      const OpId op = report.lanes.empty() ? OpId() : report.lanes.back().op;
      report.faults.push_back({FaultKind::rows_differ, 0, op,
                               "The rows are not those of the checkpoint for this moment."});
    }
    break;
  }
  report.ok = report.faults.empty();
  return report;
}

}  // namespace stardrop::engine
