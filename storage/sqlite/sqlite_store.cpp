// The store: what happens in which transaction.
#include "storage/sqlite/sqlite_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "ledger/account.h"
#include "storage/refused.h"
#include "storage/sqlite/file_lock.h"
#include "storage/sqlite/journal_table.h"
#include "storage/sqlite/key_chunks.h"
#include "storage/sqlite/open_database.h"
#include "storage/sqlite/recovery.h"
#include "storage/sqlite/sqlite_snapshot.h"
#include "storage/sqlite/write_back.h"

namespace stardrop::storage {

using engine::JournalBatch;
using engine::LaneHead;
using engine::UsedKey;
using market::AllRows;
using market::State;

namespace {

/// Rows a transaction of its own writes back when nobody waits: a few milliseconds.
constexpr std::size_t kIdleSlice = 2000;
/// Rows a transaction writes back in a flush.
constexpr std::size_t kFlushSlice = 20'000;
/// Fewest rows of a slice that goes with a batch.
constexpr std::size_t kSliceMin = 16;
/// Most rows of a table dropped at once: a few milliseconds.
constexpr std::size_t kEvictMax = 50'000;
/// When idle, less than this share of a limit is not worth a transaction.
constexpr std::size_t kIdleShare = 8;

}  // namespace

/// What the store is made of.
class SqliteStore::Impl {
 public:
  explicit Impl(SqliteOptions options) : options_(std::move(options)) {}

  Result<LaneHead> open(State& into, const engine::TakeKeys& take);
  Status load(const market::Keys& keys, State& into);
  Status commit(const engine::Changes& changes);
  Status tidy(State& state, bool idle);
  Status flush(State& state);
  Status load_all(State& into);

  Result<std::optional<JournalBatch>> find_batch(OpId op) {
    STARDROP_TRY(usable());
    return journal_.find(op);
  }
  Status read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) {
    STARDROP_TRY(usable());
    return journal_.read(after, take);
  }
  Result<std::unique_ptr<engine::Snapshot>> snapshot() {
    STARDROP_TRY(usable());
    return SqliteSnapshot::take(options_.path, options_.vfs);
  }
  bool fatal() const noexcept { return fatal_; }
  SqliteFigures figures() const noexcept;

 private:
  template <class Row>
  RowTable<Row>& rows() {
    return std::get<RowTable<Row>>(tables_);
  }

  Status usable() const;
  void forget();
  Status connect();
  Status prepare();
  Status make_system_accounts();
  template <class Row>
  int write_changes(State& state);
  int write_batch(const engine::Changes& changes);
  int write_back_with(const engine::Changes& changes, std::size_t redo_bytes);
  Status write_back_slice(State& state, std::size_t rows, bool all_keys);
  Status begin();
  Status end(int code, bool acknowledges);
  void committed(State& state);
  void rolled_back() noexcept;
  void note_sync(int extended) noexcept;
  int begin_erasure();
  Status finish_erasure();
  Status checkpoint();
  void evict(State& state);

  SqliteOptions options_;
  FileLock lock_;
  Database db_;
  Statement begin_;
  Statement begin_reading_;
  Statement commit_;
  Statement rollback_;
  RowTables tables_;
  JournalTable journal_;
  RedoLog redo_;
  RedoWriter redo_body_;
  KeyChunks chunks_;
  WriteBack write_back_;
  OpId sweep_mark_;                      // redo rows up to it are covered by the sweep that goes on
  OpId swept_;                           // redo rows up to it are covered by finished sweeps
  std::size_t redo_bytes_at_sweep_ = 0;  // RedoLog::bytes_added when the last sweep began
  OpId last_op_;
  int wal_pages_ = 0;
  bool open_ = false;
  bool fatal_ = false;
  bool disk_was_full_ = false;
  bool erasing_ = false;         // freed pages are overwritten
  bool log_has_secrets_ = true;  // an earlier process may have left some
  SqliteFigures figures_;
};

// --- opening -----------------------------------------------------------------------------------

Status SqliteStore::Impl::usable() const {
  if (fatal_) {
    return refused("A sync of the database failed: this process must end.", "failed_sync");
  }
  if (!open_) return refused("The database is not open.", "not_open");
  return done();
}

/// Drops everything that was read or prepared, and the connection with it; one whose only fault was
/// a full disk is kept, since opening again takes room too.
void SqliteStore::Impl::forget() {
  open_ = false;
  write_back_.clear();
  tables_ = RowTables();
  journal_ = JournalTable();
  redo_ = RedoLog();
  chunks_ = KeyChunks(options_.key_chunk_bytes);
  begin_ = Statement();
  begin_reading_ = Statement();
  commit_ = Statement();
  rollback_ = Statement();
  if (!std::exchange(disk_was_full_, false)) db_.close();
  sweep_mark_ = OpId();
  swept_ = OpId();
  redo_bytes_at_sweep_ = 0;
  wal_pages_ = 0;
}

Status SqliteStore::Impl::connect() {
  if (!lock_.is_held()) {
    STARDROP_TRY_ASSIGN(lock_, FileLock::take(options_.path));
  }
  STARDROP_TRY_ASSIGN(db_, open_for_writing(options_));
  sqlite3_wal_hook(
      db_.handle(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Impl*>(self)->wal_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  return done();
}

Status SqliteStore::Impl::prepare() {
  STARDROP_TRY_ASSIGN(begin_, db_.prepare("BEGIN IMMEDIATE"));
  STARDROP_TRY_ASSIGN(begin_reading_, db_.prepare("BEGIN"));
  STARDROP_TRY_ASSIGN(commit_, db_.prepare("COMMIT"));
  STARDROP_TRY_ASSIGN(rollback_, db_.prepare("ROLLBACK"));
  Status prepared = done();
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if (prepared) prepared = rows<Row>().prepare(db_);
  });
  STARDROP_TRY(std::move(prepared));
  STARDROP_TRY(journal_.prepare(db_));
  return redo_.prepare(db_);
}

/// The rules need these three accounts before the first command.
Status SqliteStore::Impl::make_system_accounts() {
  STARDROP_TRY(begin());
  int code = SQLITE_OK;
  for (const ledger::Account& row : ledger::system_accounts()) {
    auto found = rows<ledger::Account>().find(row.id);
    if (!found) {
      static_cast<void>(end(SQLITE_ABORT, false));
      return std::move(found).error();
    }
    if (!*found && code == SQLITE_OK) code = rows<ledger::Account>().put(row);
  }
  return end(code, false);
}

Result<LaneHead> SqliteStore::Impl::open(State& into, const engine::TakeKeys& take) {
  if (fatal_) return usable().error();
  forget();
  if (!db_.is_open()) STARDROP_TRY(connect());
  STARDROP_TRY(prepare());
  STARDROP_TRY(make_system_accounts());
  STARDROP_TRY(chunks_.open(db_, take));
  STARDROP_TRY_ASSIGN(const std::vector<UsedKey> keys,
                      replay_redo(redo_, chunks_.covered(), into, &write_back_));
  take(keys, 0);
  chunks_.add(redo_.newest(), keys);
  STARDROP_TRY(read_rows(tables_, into, true));
  STARDROP_TRY_ASSIGN(const LaneHead head, journal_.head());
  last_op_ = head.last_op;
  open_ = true;
  if (options_.write_through) STARDROP_TRY(flush(into));
  return head;
}

// --- reading -----------------------------------------------------------------------------------

Status SqliteStore::Impl::load(const market::Keys& keys, State& into) {
  STARDROP_TRY(usable());
  // One read transaction for all keys: each would take and give back locks of its own.
  STARDROP_TRY(db_.check(begin_reading_.run(), "Beginning to read"));
  Status all = done();
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    for (const auto& key : keys.of<Row>()) {
      if (!all) return;
      auto row = rows<Row>().find(key);
      if (!row) {
        all = std::move(row).error();
        return;
      }
      into.table<Row>().load(key, *std::move(row));
    }
  });
  commit_.run();
  return all;
}

Status SqliteStore::Impl::load_all(State& into) {
  STARDROP_TRY(usable());
  STARDROP_TRY(replay_redo(redo_, OpId(), into, nullptr));
  return read_rows(tables_, into, false);
}

// --- writing -----------------------------------------------------------------------------------

Status SqliteStore::Impl::begin() { return db_.check(begin_.run(), "Beginning a transaction"); }

void SqliteStore::Impl::note_sync(int extended) noexcept {
  if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC) fatal_ = true;
}

/// Ends the transaction: commits if `code` is SQLITE_OK, else rolls back. `acknowledges` says that
/// an answer depends on it.
Status SqliteStore::Impl::end(int code, bool acknowledges) {
  bool unknown = false;
  if (code == SQLITE_OK) {
    code = commit_.run();
    if (code == SQLITE_OK) {
      ++figures_.commits;
      return done();
    }
    // A write that failed for want of room was not the last of its transaction. Of other failures
    // nobody can tell what reached the disk.
    unknown = acknowledges && (code & 0xff) == SQLITE_IOERR;
  }
  note_sync(code);
  disk_was_full_ = (code & 0xff) == SQLITE_FULL;
  Error error = sqlite_error(db_.handle(), code, "Writing");
  if (db_.in_transaction()) rollback_.run();
  rolled_back();
  if (!unknown) return error;
  return Error(ErrorCode::outcome_unknown).detail(std::string(error.detail_text()));
}

/// What the transaction did is durable: memory follows.
void SqliteStore::Impl::committed(State& state) {
  redo_.committed();
  chunks_.committed();
  log_has_secrets_ = log_has_secrets_ || erasing_;
  if (!write_back_.committed(state)) return;
  swept_ = sweep_mark_;
  ++figures_.sweeps;
}

/// What the transaction did did not happen.
void SqliteStore::Impl::rolled_back() noexcept {
  redo_.rolled_back();
  chunks_.rolled_back();
  write_back_.rolled_back();
}

/// A secret is about to be destroyed: until the transaction is over, freed pages are overwritten
/// too; afterwards the log, which still has it, must go.
int SqliteStore::Impl::begin_erasure() {
  if (std::exchange(erasing_, true)) return SQLITE_OK;
  const Status set = db_.run("PRAGMA secure_delete=ON");
  return set ? SQLITE_OK : db_.extended_code();
}

/// Moves the whole log into the file and empties it, so that no trace of a destroyed secret is
/// left. Somebody who still reads an older state keeps that from being done; it is tried again
/// then.
Status SqliteStore::Impl::finish_erasure() {
  if (erasing_) STARDROP_TRY(db_.run("PRAGMA secure_delete=FAST"));
  erasing_ = false;
  const int code = db_.empty_log();
  if ((code & 0xff) == SQLITE_BUSY) return done();
  note_sync(code);
  STARDROP_TRY(db_.check(code, "Emptying the log"));
  wal_pages_ = 0;
  log_has_secrets_ = false;
  ++figures_.checkpoints;
  return done();
}

template <class Row>
int SqliteStore::Impl::write_changes(State& state) {
  auto& table = state.table<Row>();
  if (!table.has_changes()) return SQLITE_OK;
  int code = SQLITE_OK;
  bool logged = false;
  table.for_each_change([&](const auto& change) {
    if (code != SQLITE_OK) return;
    bool at_once = Row::kWrite == WritePolicy::through || options_.write_through;
    if constexpr (Row::kWrite == WritePolicy::append) {
      // A row that comes again after its removal is logged, as the removal was.
      at_once = at_once || (!change.existed && !change.dirty);
    }
    if (at_once) {
      if (!Row::kHashed && change.after == nullptr && code == SQLITE_OK) code = begin_erasure();
      if (code != SQLITE_OK) return;
      code =
          change.after != nullptr ? rows<Row>().put(*change.after) : rows<Row>().erase(change.key);
      return;
    }
    if (!std::exchange(logged, true)) redo_body_.begin_table<Row>();
    redo_body_.add<Row>(change.key, change.after);
    if (table.mark_dirty(change)) write_back_.note<Row>(change.key);
  });
  if (logged) redo_body_.end_table();
  return code;
}

int SqliteStore::Impl::write_batch(const engine::Changes& changes) {
  redo_body_.begin(changes.keys);
  int code = SQLITE_OK;
  AllRows::for_each([&]<class Row>(std::type_identity<Row>) {
    if (code == SQLITE_OK) code = write_changes<Row>(changes.state);
  });
  if (code != SQLITE_OK) return code;
  code = journal_.append(changes.journal, changes.head.last_time);
  if (code != SQLITE_OK) return code;
  const std::string& redo = redo_body_.finish();
  code = redo_.append(changes.journal.first_op, redo);
  if (code != SQLITE_OK) return code;
  chunks_.add(changes.journal.last_op, changes.keys);
  code = chunks_.write(false);
  if (code != SQLITE_OK) return code;
  return write_back_with(changes, redo.size());
}

/// The part of the sweep that goes with a batch: as much as lets the sweep end, and its redo rows
/// go, before the log has grown by another quarter.
int SqliteStore::Impl::write_back_with(const engine::Changes& changes, std::size_t redo_bytes) {
  if (write_back_.ready()) {
    const std::size_t share = write_back_.size() * redo_bytes / (options_.redo_bytes_max / 4 + 1);
    const int code = write_back_.write(tables_, changes.state, share + kSliceMin);
    if (code != SQLITE_OK) return code;
  }
  return redo_.trim(std::min(swept_, chunks_.covered()), redo_bytes * 8);
}

Status SqliteStore::Impl::commit(const engine::Changes& changes) {
  STARDROP_TRY(usable());
  STARDROP_TRY(begin());
  Status ended = end(write_batch(changes), true);
  if (!ended) {
    open_ = false;  // memory is ahead of the file: only `open` makes them one again
    return ended;
  }
  last_op_ = changes.journal.last_op;
  journal_.committed(changes.journal);
  committed(changes.state);
  return done();
}

/// One slice in a transaction of its own.
Status SqliteStore::Impl::write_back_slice(State& state, std::size_t rows, bool all_keys) {
  STARDROP_TRY(begin());
  write_back_.wait();
  int code = write_back_.sweeping() ? write_back_.write(tables_, state, rows) : SQLITE_OK;
  if (code == SQLITE_OK && all_keys) code = chunks_.write(true);
  if (code == SQLITE_OK) {
    code = redo_.trim(std::min(swept_, chunks_.covered()), options_.redo_bytes_max / 16);
  }
  STARDROP_TRY(end(code, false));
  committed(state);
  return done();
}

Status SqliteStore::Impl::checkpoint() {
  int pages = 0;
  int moved = 0;
  const int code = db_.move_log(pages, moved);
  note_sync(code);
  STARDROP_TRY(db_.check(code, "Moving the log into the database"));
  wal_pages_ = pages - moved;
  ++figures_.checkpoints;
  return done();
}

/// Drops clean rows while there are too many, of each table its share.
void SqliteStore::Impl::evict(State& state) {
  std::size_t all = 0;
  std::size_t evictable = 0;
  state.for_each_table([&]<class Row>(const Table<Row>& table) {
    const std::size_t bytes = table.size() * Table<Row>::kRowBytes;
    all += bytes;
    if (!Row::kResident) evictable += bytes;
  });
  if (all <= options_.cache_bytes_max || evictable == 0) return;
  const std::size_t over = std::min(all - options_.cache_bytes_max, evictable);
  state.for_each_table([&]<class Row>(Table<Row>& table) {
    if (Row::kResident || table.size() == 0) return;
    const std::size_t rows = table.size() * (over >> 10U) / ((evictable >> 10U) + 1) + 1;
    figures_.rows_evicted += table.evict(std::min(rows, kEvictMax));
  });
}

Status SqliteStore::Impl::tidy(State& state, bool idle) {
  STARDROP_TRY(usable());
  evict(state);
  const std::size_t since = redo_.bytes_added() - redo_bytes_at_sweep_;
  const std::size_t due = options_.redo_bytes_max * 3 / 4;
  if (!write_back_.sweeping() && write_back_.fresh() > 0 &&
      (since >= due || (idle && since >= due / kIdleShare))) {
    sweep_mark_ = last_op_;
    redo_bytes_at_sweep_ = redo_.bytes_added();
    write_back_.begin();
  }
  if (log_has_secrets_) STARDROP_TRY(finish_erasure());
  if (idle && write_back_.ready()) STARDROP_TRY(write_back_slice(state, kIdleSlice, false));
  const std::size_t wal = static_cast<std::size_t>(wal_pages_) * kPageBytes;
  if (wal >= options_.wal_bytes_max || (idle && wal >= options_.wal_bytes_max / kIdleShare)) {
    return checkpoint();
  }
  return done();
}

Status SqliteStore::Impl::flush(State& state) {
  STARDROP_TRY(usable());
  while (write_back_.sweeping() || write_back_.fresh() > 0 || !redo_.empty()) {
    if (!write_back_.sweeping()) {
      sweep_mark_ = last_op_;
      write_back_.begin();
    }
    STARDROP_TRY(write_back_slice(state, kFlushSlice, true));
    if (static_cast<std::size_t>(wal_pages_) * kPageBytes < options_.wal_bytes_max) continue;
    STARDROP_TRY(checkpoint());
  }
  redo_bytes_at_sweep_ = redo_.bytes_added();
  return log_has_secrets_ ? finish_erasure() : checkpoint();
}

SqliteFigures SqliteStore::Impl::figures() const noexcept {
  SqliteFigures out = figures_;
  out.rows_written_back = write_back_.rows_written();
  out.dirty_rows = write_back_.fresh() + write_back_.left();
  out.redo_bytes = redo_.bytes();
  out.wal_bytes = static_cast<std::size_t>(wal_pages_) * kPageBytes;
  return out;
}

SqliteStore::SqliteStore(SqliteOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

SqliteStore::~SqliteStore() = default;
Result<LaneHead> SqliteStore::open(State& into, const engine::TakeKeys& take) {
  return impl_->open(into, take);
}
Status SqliteStore::load(const market::Keys& keys, State& into) { return impl_->load(keys, into); }
Status SqliteStore::commit(const engine::Changes& changes) { return impl_->commit(changes); }
Status SqliteStore::tidy(State& state, bool idle) { return impl_->tidy(state, idle); }
Status SqliteStore::flush(State& state) { return impl_->flush(state); }
Result<std::optional<JournalBatch>> SqliteStore::find_batch(OpId op) {
  return impl_->find_batch(op);
}
Status SqliteStore::read_journal(OpId after, const std::function<bool(const JournalBatch&)>& take) {
  return impl_->read_journal(after, take);
}
Status SqliteStore::load_all(State& into) { return impl_->load_all(into); }
Result<std::unique_ptr<engine::Snapshot>> SqliteStore::snapshot() { return impl_->snapshot(); }
bool SqliteStore::fatal() const noexcept { return impl_->fatal(); }
SqliteFigures SqliteStore::figures() const noexcept { return impl_->figures(); }

}  // namespace stardrop::storage
