// Settings of connections.
#include "storage/sqlite/open_database.h"

#include "storage/refused.h"
#include "storage/sqlite/checksum_vfs.h"
#include "storage/sqlite/migrations.h"

namespace stardrop::storage {

Result<Database> open_for_writing(const SqliteOptions& options) {
  STARDROP_TRY_ASSIGN(const std::string vfs, checksum_vfs(options.vfs));
  STARDROP_TRY_ASSIGN(Database db, Database::open(options.path, Database::Mode::create, vfs));
  if (sqlite3_db_readonly(db.handle(), "main") != 0) {
    return refused(options.path + " can't be written.", "read_only");
  }
  if (options.page_checksums) STARDROP_TRY(reserve_checksums(db));
  STARDROP_TRY(db.run("PRAGMA page_size=" + std::to_string(kPageBytes)));
  STARDROP_TRY(db.run("PRAGMA cache_size=-" + std::to_string(options.page_cache_bytes / 1024)));
  STARDROP_TRY(db.run("PRAGMA locking_mode=NORMAL"));
  // A new file's first page is written under a rollback journal. EXTRA makes sure that journal is
  // gone for good: if a power cut brought it back, it would roll the whole file back to nothing.
  if (options.synchronous == Synchronous::full) STARDROP_TRY(db.run("PRAGMA synchronous=EXTRA"));
  STARDROP_TRY(db.run("PRAGMA journal_mode=WAL"));
  STARDROP_TRY(db.run("PRAGMA wal_autocheckpoint=0"));
  STARDROP_TRY(db.run("PRAGMA mmap_size=0"));
  STARDROP_TRY(db.run("PRAGMA trusted_schema=0"));
  STARDROP_TRY(db.run("PRAGMA secure_delete=FAST"));
  STARDROP_TRY(db.run(options.synchronous == Synchronous::full ? "PRAGMA synchronous=FULL"
                                                               : "PRAGMA synchronous=OFF"));
  STARDROP_TRY(migrate(db));
  return db;
}

Result<Database> open_for_reading(const std::string& path, const std::string& vfs) {
  STARDROP_TRY_ASSIGN(const std::string checked, checksum_vfs(vfs));
  return Database::open(path, Database::Mode::read_only, checked);
}

}  // namespace stardrop::storage
