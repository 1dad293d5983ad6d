// Applies migrations under a lock on their own table.
#include "storage/postgres/migrations.h"

#include <string>

#include "base/hash.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {
namespace {

/// Two nodes that make the same table at the same moment: one of them is told that it is there.
Status make_list(Connection& db) {
  const std::string text =
      "CREATE TABLE IF NOT EXISTS schema_migrations ("
      "number bigint PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL)";
  Status made = db.script(text);
  if (!made && db.trouble() == engine::Trouble::contended) made = db.script(text);
  return made;
}

/// How many of the wanted ones were applied.
Result<std::size_t> check_applied(Connection& db, std::span<const Migration> wanted) {
  STARDROP_TRY_ASSIGN(const Answer applied,
                      db.run("SELECT number, name, sha256 FROM schema_migrations ORDER BY number"));
  const auto count = static_cast<std::size_t>(applied.rows());
  for (std::size_t i = 0; i < count; ++i) {
    const int row = static_cast<int>(i);
    if (i == wanted.size()) {
      return refused("A newer version of the program wrote this database: it has migration " +
                         std::to_string(applied.integer(row, 0)) + " (" +
                         std::string(applied.bytes(row, 1)) + "), this version ends with " +
                         std::to_string(wanted.size()) + '.',
                     "newer_schema");
    }
    const Digest digest = sha256(wanted[i].sql);
    if (applied.integer(row, 0) != wanted[i].number || applied.bytes(row, 1) != wanted[i].name ||
        applied.bytes(row, 2) != bytes_of(digest)) {
      return refused("Migration " + std::to_string(wanted[i].number) + " (" +
                         std::string(wanted[i].name) +
                         ") is not the one this database was made with.",
                     "changed_migration");
    }
  }
  return count;
}

/// Applies the next one that is missing. Returns whether there was one.
Result<bool> apply_next(Connection& db, std::span<const Migration> wanted) {
  STARDROP_TRY(db.script("BEGIN; LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE"));
  STARDROP_TRY_ASSIGN(const std::size_t applied, check_applied(db, wanted));
  if (applied == wanted.size()) {
    STARDROP_TRY(db.script("COMMIT"));
    return false;
  }
  const Migration& next = wanted[applied];
  STARDROP_TRY(db.script(std::string(next.sql)));
  const Digest digest = sha256(next.sql);
  STARDROP_TRY(db.run(
      "INSERT INTO schema_migrations(number, name, sha256) VALUES($1, $2, $3)",
      Parameters().add(next.number).add(next.name, Type::text).add(bytes_of(digest), Type::bytea)));
  STARDROP_TRY(db.script("COMMIT"));
  return true;
}

}  // namespace

Status migrate(Connection& db, std::span<const Migration> wanted) {
  STARDROP_TRY(make_list(db));
  for (;;) {
    auto applied = apply_next(db, wanted);
    if (!applied) {
      static_cast<void>(db.script("ROLLBACK"));
      return std::move(applied).error();
    }
    if (!*applied) return done();
  }
}

}  // namespace stardrop::storage::postgres
