// Piece by piece, with a note of how far it came.
#include "storage/postgres/import.h"

#include <vector>

#include "engine/journal.h"
#include "engine/key_index.h"
#include "ledger/ids.h"
#include "storage/postgres/journal.h"
#include "storage/postgres/migrations.h"
#include "storage/postgres/postgres_snapshot.h"
#include "storage/postgres/row_table.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {
namespace {

using engine::JournalBatch;
using engine::JournalEntry;
using engine::UsedKey;

const std::string kJournal = "journal";

Error stopped() {
  return Error(ErrorCode::precondition_failed)
      .detail("Stopped. Begun again it goes on where it was.");
}

PairKey pair_of(const PairKey& key) { return key; }
template <class Key>
PairKey pair_of(const Key& key) {
  return {to_integer(key), 0};
}

}  // namespace

Result<Import> Import::begin(const std::string& url, Source source) {
  STARDROP_TRY_ASSIGN(Connection db, Connection::open(url, "stardrop import"));
  STARDROP_TRY(migrate(db));
  STARDROP_TRY_ASSIGN(const Answer known, db.run("SELECT chain, finished FROM imports"));
  if (known.rows() > 0) {
    if (known.integer(0, 1) != 0) {
      return refused("This database was imported already.", "already_imported");
    }
    if (known.bytes(0, 0) != source.chain) {
      return refused("Another import was begun here, or its source was written to since.",
                     "other_import");
    }
    return Import(std::move(db), url, std::move(source));
  }
  STARDROP_TRY_ASSIGN(const Answer used, db.run("SELECT count(*) FROM lanes"));
  if (used.integer(0, 0) != 0) return refused("This database is in use.", "not_empty");
  STARDROP_TRY(db.run("INSERT INTO imports(id, chain, finished) VALUES(1, $1, 0)",
                      Parameters().add(source.chain, Type::bytea)));
  return Import(std::move(db), url, std::move(source));
}

Result<Import::Place> Import::place_of(const std::string& step) {
  STARDROP_TRY_ASSIGN(const Answer found,
                      db_.run("SELECT first, second FROM import_places WHERE step = $1",
                              Parameters().add(step, Type::text)));
  if (found.rows() == 0) return Place();
  return Place{found.integer(0, 0), found.integer(0, 1), true};
}

void Import::send_place(const std::string& step, std::int64_t first, std::int64_t second) {
  db_.send(
      "INSERT INTO import_places(step, first, second) VALUES($1, $2, $3) "
      "ON CONFLICT (step) DO UPDATE SET first = excluded.first, second = excluded.second",
      Parameters().add(step, Type::text).add(first).add(second));
}

Status Import::end_piece() {
  db_.send("COMMIT");
  auto written = db_.receive();
  if (written) return done();
  static_cast<void>(db_.run("ROLLBACK"));
  return std::move(written).error();
}

template <class Row>
Status Import::copy_table(engine::Snapshot& source, const GoOn& go_on) {
  const std::string step(Row::kTable);
  STARDROP_TRY_ASSIGN(const Place from, place_of(step));
  std::vector<Row> piece;
  Status copied = done();
  const auto write = [&]() -> Status {
    if (piece.empty()) return done();
    std::vector<const Row*> rows;
    for (const Row& row : piece) rows.push_back(&row);
    const PairKey last = pair_of(piece.back().key());
    db_.send("BEGIN");
    db_.send(RowTable<Row>::insert(Placement::here), RowTable<Row>::columns_of(rows));
    send_place(step, last.first, last.second);
    piece.clear();
    return end_piece();
  };
  engine::RowVisitor visitor;
  visitor.on<Row>([&](const Row& row) {
    if (!copied) return;
    ++rows_;
    if (from.begun && pair_of(row.key()) <= PairKey{from.first, from.second}) return;
    piece.push_back(row);
    if (piece.size() < source_.piece) return;
    copied = write();
    if (copied && !go_on(rows_ + operations_)) copied = stopped();
  });
  STARDROP_TRY(source.scan(visitor));
  STARDROP_TRY(std::move(copied));
  return write();
}

/// The keys' digests have to be made anew: the other store may have kept less of them.
Status Import::send_operations(const JournalBatch& batch, const Digest& before) {
  std::vector<UsedKey> keys;
  STARDROP_TRY(engine::read_entries(batch, before, [&](JournalEntry&& entry) {
    head_.last_time = entry.at;
    if (!entry.request.idempotency_key.empty()) {
      UsedKey key =
          engine::KeyIndex::digest_of(entry.request.caller, entry.request.idempotency_key);
      key.op = entry.op;
      keys.push_back(key);
    }
    return true;
  }));
  head_.last_op = batch.last_op;
  head_.chain = batch.chain;
  operations_ += batch.entries;
  send_batch(db_, batch, head_.last_time, BatchNews());
  send_used_keys(db_, keys, false);
  return done();
}

Status Import::copy_journal(engine::Snapshot& source, const GoOn& go_on) {
  STARDROP_TRY_ASSIGN(const Place from, place_of(kJournal));
  if (from.begun) {
    STARDROP_TRY_ASSIGN(const auto last, find_batch(db_, OpId(from.first)));
    if (!last) return refused("The journal that was copied is gone.", "damaged_journal");
    head_.last_op = last->last_op;
    head_.last_time = Instant{from.second};
    head_.chain = last->chain;
  }
  std::size_t in_piece = 0;
  OpId first_op;
  Status copied = done();
  const auto write = [&]() -> Status {
    if (std::exchange(in_piece, 0) == 0) return done();
    send_place(kJournal, first_op.value(), head_.last_time.us);
    return end_piece();
  };
  STARDROP_TRY(source.read_journal(OpId(from.first), [&](const JournalBatch& batch) {
    if (in_piece == 0) db_.send("BEGIN");
    const Digest before = head_.chain;
    copied = send_operations(batch, before);
    first_op = batch.first_op;
    in_piece += batch.entries;
    if (copied && in_piece >= source_.piece) {
      copied = write();
      if (copied && !go_on(rows_ + operations_)) copied = stopped();
    }
    return copied.ok();
  }));
  STARDROP_TRY(std::move(copied));
  return write();
}

Status Import::compare(const engine::StateHash& wanted) {
  STARDROP_TRY_ASSIGN(const auto copy, PostgresSnapshot::take(url_));
  STARDROP_TRY_ASSIGN(const engine::StateHash found, engine::state_hash(*copy));
  if (wanted == found && bytes_of(head_.chain) == source_.chain) return done();
  return Error(ErrorCode::internal)
      .detail("The copy is not what was copied.")
      .with("state_hash", wanted.text())
      .with("copied_state_hash", found.text());
}

/// The lane goes on where the other store's single writer stopped.
Status Import::finish() {
  db_.send("BEGIN");
  db_.send(
      "INSERT INTO lanes(lane, owner, lease_until, last_op, last_time, last_id, chain) "
      "VALUES(0, '', clock_timestamp(), $1, $2, $3, $4)",
      Parameters()
          .add(head_.last_op.value())
          .add(head_.last_time.us)
          .add(head_.last_op.value() + ledger::kObjectsMax * ledger::kIdStep)
          .add(bytes_of(head_.chain), Type::bytea));
  db_.send("INSERT INTO deployment(id, master_key_digest) VALUES(1, $1)",
           Parameters().add(source_.master_key_digest, Type::bytea));
  db_.send("UPDATE imports SET finished = 1");
  db_.send("DELETE FROM import_places");
  return end_piece();
}

Status Import::run(engine::Snapshot& source, const engine::StateHash& hash, const GoOn& go_on) {
  Status copied = done();
  market::AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if (copied) copied = copy_table<Row>(source, go_on);
  });
  STARDROP_TRY(std::move(copied));
  STARDROP_TRY(copy_journal(source, go_on));
  STARDROP_TRY(compare(hash));
  return finish();
}

}  // namespace stardrop::storage::postgres
