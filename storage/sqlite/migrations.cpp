// Applies migrations.
#include "storage/sqlite/migrations.h"

#include <algorithm>
#include <string>

#include "base/hash.h"
#include "storage/refused.h"

namespace stardrop::storage {
namespace {

/// Whether the file is ours; if not, it is empty. Refused if it is somebody else's.
Result<bool> is_ours(Database& db) {
  STARDROP_TRY_ASSIGN(const std::int64_t id, db.number("PRAGMA application_id"));
  if (id == kApplicationId) return true;
  STARDROP_TRY_ASSIGN(const std::int64_t objects, db.number("SELECT count(*) FROM sqlite_schema"));
  if (id == 0 && objects == 0) return false;
  return refused("This database belongs to another program.", "other_application");
}

/// Compares what was applied with what is known. Returns how many were applied, newer ones
/// included.
Result<std::size_t> check_applied(Database& db, std::span<const Migration> wanted) {
  STARDROP_TRY_ASSIGN(const std::int64_t told,
                      db.number("SELECT count(*) FROM pragma_table_info('schema_migrations') "
                                "WHERE name = 'works_from'"));
  if (told == 0) {
    return refused("This database was made by a version before the first release.",
                   "changed_migration");
  }
  STARDROP_TRY_ASSIGN(
      Statement applied,
      db.prepare("SELECT number, name, sha256, works_from FROM schema_migrations ORDER BY number"));
  std::size_t count = 0;
  for (;;) {
    const int code = applied.step();
    if (code == SQLITE_DONE) return count;
    STARDROP_TRY(db.check(code, "Reading schema_migrations"));
    if (count >= wanted.size()) {
      ++count;
      if (applied.integer(3) <= static_cast<std::int64_t>(wanted.size())) continue;
      return refused("A newer version of the program wrote this database: it has migration " +
                         std::to_string(applied.integer(0)) + " (" + std::string(applied.text(1)) +
                         "), this version ends with " + std::to_string(wanted.size()) + '.',
                     "newer_schema");
    }
    const Migration& known = wanted[count];
    const Digest digest = sha256(known.sql);
    if (applied.integer(0) != known.number || applied.text(1) != known.name ||
        applied.blob(2) != bytes_of(digest)) {
      return refused("Migration " + std::to_string(known.number) + " (" + std::string(known.name) +
                         ") is not the one this database was made with.",
                     "changed_migration");
    }
    ++count;
  }
}

Status apply(Database& db, const Migration& migration) {
  STARDROP_TRY(db.run(std::string(migration.sql)));
  STARDROP_TRY_ASSIGN(Statement note,
                      db.prepare("INSERT INTO schema_migrations(number, name, sha256, works_from) "
                                 "VALUES(?, ?, ?, ?)"));
  const Digest digest = sha256(migration.sql);
  note.bind(1, migration.number);
  note.bind_text(2, migration.name);
  note.bind_blob(3, bytes_of(digest));
  note.bind(4, works_from(migration));
  return db.check(note.run(), "Noting a migration");
}

/// Marks an empty file as ours.
Status begin_file(Database& db) {
  STARDROP_TRY(
      db.run("CREATE TABLE schema_migrations ("
             "number INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 BLOB NOT NULL, "
             "works_from INTEGER NOT NULL) STRICT"));
  return db.run("PRAGMA application_id=" + std::to_string(kApplicationId));
}

Status migrate_locked(Database& db, std::span<const Migration> wanted) {
  STARDROP_TRY_ASSIGN(const bool ours, is_ours(db));
  if (!ours) STARDROP_TRY(begin_file(db));
  STARDROP_TRY_ASSIGN(const std::size_t applied, check_applied(db, wanted));
  if (applied == wanted.size()) return done();
  if (applied > 0) {
    STARDROP_TRY_ASSIGN(const std::int64_t redo, db.number("SELECT count(*) FROM redo"));
    if (redo != 0) {
      return refused(
          "This database was not stopped cleanly and is of another version: start and "
          "stop that version once, then this one.",
          "unclean_stop");
    }
  }
  const std::size_t known = std::min(applied, wanted.size());
  for (const Migration& migration : wanted.subspan(known)) STARDROP_TRY(apply(db, migration));
  return done();
}

}  // namespace

Status migrate(Database& db, std::span<const Migration> wanted) {
  STARDROP_TRY(db.run("BEGIN IMMEDIATE"));
  Status migrated = migrate_locked(db, wanted);
  if (migrated) migrated = db.run("COMMIT");
  if (!migrated && db.in_transaction()) static_cast<void>(db.run("ROLLBACK"));
  return migrated;
}

}  // namespace stardrop::storage
