// Journal batches as rows.
#include "storage/sqlite/journal_table.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "storage/refused.h"

namespace stardrop::storage {
namespace {

using engine::JournalBatch;

const std::string kSelect = "SELECT first_op, last_op, lane, entries, chain, body FROM journal ";

bool read_batch(Statement& row, JournalBatch& out) {
  out.first_op = OpId(row.integer(0));
  out.last_op = OpId(row.integer(1));
  out.lane = static_cast<std::uint32_t>(row.integer(2));
  out.entries = static_cast<std::uint32_t>(row.integer(3));
  const std::string_view chain = row.blob(4);
  if (chain.size() != out.chain.size()) return false;
  std::copy(chain.begin(), chain.end(), out.chain.begin());
  out.body = std::string(row.blob(5));
  return true;
}

Error damaged(OpId op) {
  return refused("The journal is damaged.", "damaged_journal").with("op", op.text());
}

}  // namespace

Status JournalTable::prepare(Database& db) {
  db_ = &db;
  recent_.clear();
  recent_bytes_ = 0;
  STARDROP_TRY_ASSIGN(
      insert_,
      db.prepare("INSERT INTO journal(first_op, last_op, lane, last_time, entries, chain, body) "
                 "VALUES(?, ?, ?, ?, ?, ?, ?)"));
  STARDROP_TRY_ASSIGN(find_,
                      db.prepare(kSelect + "WHERE first_op <= ? ORDER BY first_op DESC LIMIT 1"));
  return done();
}

Result<engine::LaneHead> JournalTable::head() {
  STARDROP_TRY_ASSIGN(
      Statement last,
      db_->prepare("SELECT last_op, last_time, chain FROM journal ORDER BY first_op DESC LIMIT 1"));
  engine::LaneHead out;
  const int code = last.step();
  if (code == SQLITE_DONE) return out;
  STARDROP_TRY(db_->check(code, "Reading the journal"));
  out.last_op = OpId(last.integer(0));
  out.last_time = Instant{last.integer(1)};
  const std::string_view chain = last.blob(2);
  if (chain.size() != out.chain.size()) return damaged(out.last_op);
  std::copy(chain.begin(), chain.end(), out.chain.begin());
  return out;
}

int JournalTable::append(const JournalBatch& batch, Instant last_time) {
  insert_.bind(1, batch.first_op.value());
  insert_.bind(2, batch.last_op.value());
  insert_.bind(3, std::int64_t{batch.lane});
  insert_.bind(4, last_time.us);
  insert_.bind(5, std::int64_t{batch.entries});
  insert_.bind_blob(6, bytes_of(batch.chain));
  insert_.bind_blob(7, batch.body);
  return insert_.run();
}

void JournalTable::committed(const JournalBatch& batch) {
  recent_.emplace_hint(recent_.end(), batch.first_op, batch);
  recent_bytes_ += batch.body.size();
  while (recent_bytes_ > kRecentBytesMax && recent_.size() > 1) {
    recent_bytes_ -= recent_.begin()->second.body.size();
    recent_.erase(recent_.begin());
  }
}

Result<std::optional<JournalBatch>> JournalTable::find(OpId op) {
  const auto behind = recent_.upper_bound(op);
  if (behind != recent_.begin()) return std::optional<JournalBatch>(std::prev(behind)->second);
  const ResetLater reset(find_);
  find_.bind(1, op.value());
  const int code = find_.step();
  if (code == SQLITE_DONE) return std::optional<JournalBatch>();
  STARDROP_TRY(db_->check(code, "Reading the journal"));
  JournalBatch batch;
  if (!read_batch(find_, batch)) return damaged(batch.first_op);
  return std::optional<JournalBatch>(std::move(batch));
}

Status JournalTable::read(OpId after, const std::function<bool(const JournalBatch&)>& take) {
  STARDROP_TRY_ASSIGN(Statement rows,
                      db_->prepare(kSelect + "WHERE first_op > ? ORDER BY first_op"));
  rows.bind(1, after.value());
  JournalBatch batch;
  for (;;) {
    const int code = rows.step();
    if (code == SQLITE_DONE) return done();
    STARDROP_TRY(db_->check(code, "Reading the journal"));
    if (!read_batch(rows, batch)) return damaged(batch.first_op);
    if (!take(batch)) return done();
  }
}

}  // namespace stardrop::storage
