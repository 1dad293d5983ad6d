// Backups: copied page by page within one read transaction, proven before they are used.
#include "storage/sqlite/backup.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "engine/journal.h"
#include "storage/refused.h"
#include "storage/sqlite/checksum_vfs.h"
#include "storage/sqlite/file_lock.h"
#include "storage/sqlite/open_database.h"
#include "storage/sqlite/sqlite_store.h"

namespace stardrop::storage {
namespace {

namespace fs = std::filesystem;

/// Pages copied between two calls of the progress function: 4 MB.
constexpr int kPagesAtOnce = 1024;

Status moved(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::rename(from, to, code);
  if (!code) return done();
  return refused(from.string() + " can't be moved: " + code.message() + '.', "io_error");
}

/// Makes what happened to the names in a folder durable.
Status sync_folder(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return refused(folder.string() + " can't be opened.", "io_error");
  const int code = ::fsync(descriptor);
  ::close(descriptor);
  if (code != 0) return refused(folder.string() + " can't be synced.", "failed_sync");
  return done();
}

void remove_files(const std::string& path) {
  for (const char* end : {"", "-wal", "-shm", "-journal", ".lock"}) {
    std::error_code ignored;
    fs::remove(path + end, ignored);
  }
}

/// Copies all pages from one connection to another.
Status copy_pages(Database& from, Database& to, const Progress& progress) {
  // Its read transaction keeps the cut where it is, however much is written meanwhile.
  STARDROP_TRY(from.run("BEGIN; SELECT count(*) FROM sqlite_schema"));
  sqlite3_backup* const backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) return sqlite_error(to.handle(), SQLITE_ERROR, "Beginning a backup");
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    code = sqlite3_backup_step(backup, kPagesAtOnce);
    const std::int64_t total = sqlite3_backup_pagecount(backup);
    if (progress) progress(total - sqlite3_backup_remaining(backup), total);
  }
  const int finished = sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) return sqlite_error(to.handle(), code, "Copying pages");
  STARDROP_TRY(to.check(finished, "Ending a backup"));
  return from.run("COMMIT");
}

/// An empty database with the page layout of ours.
Result<Database> open_copy(const std::string& path, bool checksums) {
  STARDROP_TRY_ASSIGN(const std::string vfs, checksum_vfs({}));
  STARDROP_TRY_ASSIGN(Database db, Database::open(path, Database::Mode::create, vfs));
  if (checksums) STARDROP_TRY(reserve_checksums(db));
  STARDROP_TRY(db.run("PRAGMA synchronous=EXTRA"));
  STARDROP_TRY(db.run("PRAGMA page_size=" + std::to_string(kPageBytes)));
  // With a first page in place, every page that follows gets its checksum.
  STARDROP_TRY(db.run("CREATE TABLE first_page (id INTEGER PRIMARY KEY)"));
  return db;
}

/// SQLite's own check: structure, order, constraints.
Status check_integrity(const std::string& path) {
  STARDROP_TRY_ASSIGN(Database db, open_for_reading(path));
  STARDROP_TRY_ASSIGN(Statement check, db.prepare("PRAGMA integrity_check(1)"));
  STARDROP_TRY(db.check(check.step(), "Checking " + path));
  const std::string found(check.text(0));
  if (found == "ok") return done();
  return refused(path + ": " + found + '.', "damaged");
}

/// Every entry of the journal with its chain.
Status check_journal(SqliteStore& store, DatabaseReport& out) {
  Status sound = done();
  STARDROP_TRY(store.read_journal(OpId(), [&](const engine::JournalBatch& batch) {
    sound = engine::read_entries(batch, out.chain, [&](engine::JournalEntry&&) {
      ++out.operations;
      return true;
    });
    ++out.batches;
    out.last_op = batch.last_op;
    out.chain = batch.chain;
    return sound.ok();
  }));
  if (sound) return done();
  return refused("The journal is damaged at " + out.last_op.text() + '.', "damaged_journal");
}

/// Opens a database as a store does, and reads all of it.
Status check_contents(const std::string& path, DatabaseReport& out) {
  SqliteOptions options;
  options.path = path;
  SqliteStore store(options);
  auto state = std::make_unique<market::State>();
  STARDROP_TRY_ASSIGN(const engine::LaneHead head, store.open(*state, [](auto, auto) {}));
  STARDROP_TRY(check_journal(store, out));
  if (head.chain != out.chain || head.last_op != out.last_op) {
    return refused("The journal does not end where it says.", "damaged_journal");
  }
  state = std::make_unique<market::State>();
  return store.load_all(*state);
}

}  // namespace

Status back_up(const std::string& from, const std::string& to, const Progress& progress) {
  if (fs::exists(to)) return refused(to + " is there already.", "exists");
  const std::string part = to + ".part";
  remove_files(part);
  STARDROP_TRY_ASSIGN(Database source, open_for_reading(from));
  int reserved = -1;
  sqlite3_file_control(source.handle(), "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved);
  {
    STARDROP_TRY_ASSIGN(Database copy, open_copy(part, reserved == kChecksumBytes));
    if (Status copied = copy_pages(source, copy, progress); !copied) {
      copy.close();
      remove_files(part);
      return copied;
    }
  }
  STARDROP_TRY(moved(part, to));
  return sync_folder(to);
}

Result<DatabaseReport> verify_database(const std::string& path, const Progress& progress) {
  if (!fs::exists(path)) return refused(path + " is not there.", "not_found");
  DatabaseReport out;
  STARDROP_TRY(check_contents(path, out));
  STARDROP_TRY_ASSIGN(const FileLock lock, FileLock::take(path));
  STARDROP_TRY_ASSIGN(const PageReport pages, verify_pages(path, {}, progress));
  if (pages.first_bad != 0) {
    return refused("Page " + std::to_string(pages.first_bad) + " of " + path + " is damaged.",
                   "damaged_page");
  }
  out.pages = pages.pages;
  STARDROP_TRY(check_integrity(path));
  return out;
}

Result<DatabaseReport> restore(const std::string& from,
                               const std::string& to,
                               const Progress& progress) {
  STARDROP_TRY_ASSIGN(const FileLock lock, FileLock::take(to));
  const std::string part = to + ".restoring";
  const std::string replaced = to + ".replaced";
  remove_files(part);
  STARDROP_TRY(back_up(from, part, progress));
  auto report = verify_database(part, progress);
  if (!report) {
    remove_files(part);
    return report;
  }
  std::error_code ignored;
  fs::remove(part + ".lock", ignored);
  remove_files(replaced);
  // The log of the old file must not stay: it would be taken for the new one's.
  for (const char* end : {"-wal", ""}) {
    if (fs::exists(to + end)) STARDROP_TRY(moved(to + end, replaced + end));
  }
  fs::remove(to + "-shm", ignored);
  STARDROP_TRY(moved(part, to));
  STARDROP_TRY(sync_folder(to));
  return report;
}

}  // namespace stardrop::storage
