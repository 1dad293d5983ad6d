// Applies migrations under a lock on their own table.
#include "storage/postgres/migrations.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "base/hash.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {
namespace {

using std::chrono::steady_clock;

/// How long a migration tries to get its locks.
constexpr std::chrono::seconds kPatience{60};
/// Meanwhile whoever comes behind it in the queue for a lock waits no longer than this.
constexpr std::string_view kBegin =
    "BEGIN; SET LOCAL lock_timeout = '500ms'; SET LOCAL statement_timeout = 0";
constexpr std::chrono::milliseconds kPause{250};
/// What is in the database already may take its time: an index, say.
constexpr Duration kLongest = Duration::seconds(3600);

Result<bool> has_list(Connection& db) {
  STARDROP_TRY_ASSIGN(const Answer found,
                      db.run("SELECT to_regclass('schema_migrations') IS NOT NULL"));
  return found.integer(0, 0) != 0;
}

/// Two nodes that make the same table at the same moment: one of them is told that it is there.
Status make_list(Connection& db) {
  const std::string text =
      "CREATE TABLE IF NOT EXISTS schema_migrations ("
      "number bigint PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL, "
      "works_from bigint NOT NULL)";
  Status made = db.script(text);
  if (!made && db.trouble() == engine::Trouble::contended) made = db.script(text);
  return made;
}

Error newer_schema(std::int64_t number, std::string_view name, std::size_t known) {
  return refused("A newer version of the program wrote this database: it has migration " +
                     std::to_string(number) + " (" + std::string(name) +
                     "), this version ends with " + std::to_string(known) + '.',
                 "newer_schema");
}

/// How many of the wanted ones were applied.
Result<std::size_t> check_applied(Connection& db, std::span<const Migration> wanted) {
  STARDROP_TRY_ASSIGN(
      const Answer applied,
      db.run("SELECT number, name, sha256, works_from FROM schema_migrations ORDER BY number"));
  for (int row = 0; row < applied.rows(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    const std::int64_t number = applied.integer(row, 0);
    const std::string_view name = applied.bytes(row, 1);
    if (at >= wanted.size()) {
      if (applied.integer(row, 3) <= static_cast<std::int64_t>(wanted.size())) continue;
      return newer_schema(number, name, wanted.size());
    }
    const Digest digest = sha256(wanted[at].sql);
    if (number != wanted[at].number || name != wanted[at].name ||
        applied.bytes(row, 2) != bytes_of(digest)) {
      return refused("Migration " + std::to_string(wanted[at].number) + " (" +
                         std::string(wanted[at].name) +
                         ") is not the one this database was made with.",
                     "changed_migration");
    }
  }
  return std::min(static_cast<std::size_t>(applied.rows()), wanted.size());
}

/// Applies the next one that is missing. Returns whether there was one.
Result<bool> apply_next(Connection& db, std::span<const Migration> wanted) {
  STARDROP_TRY(db.script(std::string(kBegin)));
  STARDROP_TRY(db.script("LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE"));
  STARDROP_TRY_ASSIGN(const std::size_t applied, check_applied(db, wanted));
  if (applied == wanted.size()) {
    STARDROP_TRY(db.script("COMMIT"));
    return false;
  }
  const Migration& next = wanted[applied];
  STARDROP_TRY(db.script(std::string(next.sql)));
  const Digest digest = sha256(next.sql);
  STARDROP_TRY(db.run(
      "INSERT INTO schema_migrations(number, name, sha256, works_from) VALUES($1, $2, $3, $4)",
      Parameters()
          .add(next.number)
          .add(next.name, Type::text)
          .add(bytes_of(digest), Type::bytea)
          .add(works_from(next))));
  STARDROP_TRY(db.script("COMMIT"));
  return true;
}

/// Looks first: a node that starts beside others takes no lock if there is nothing to do.
Status try_to_migrate(Connection& db, std::span<const Migration> wanted) {
  STARDROP_TRY_ASSIGN(const bool begun, has_list(db));
  if (!begun) STARDROP_TRY(make_list(db));
  STARDROP_TRY_ASSIGN(const std::size_t applied, check_applied(db, wanted));
  if (applied == wanted.size()) return done();
  const Duration before = db.wait_at_most(kLongest);
  auto more = apply_next(db, wanted);
  while (more && *more) more = apply_next(db, wanted);
  db.wait_at_most(before);
  if (!more) return std::move(more).error();
  return done();
}

}  // namespace

Status migrate(Connection& db, std::span<const Migration> wanted) {
  const auto give_up_at = steady_clock::now() + kPatience;
  for (;;) {
    Status migrated = try_to_migrate(db, wanted);
    if (migrated) return migrated;
    const bool again = db.trouble() == engine::Trouble::contended;
    if (db.is_open()) static_cast<void>(db.script("ROLLBACK"));
    if (!again || steady_clock::now() >= give_up_at) return migrated;
    std::this_thread::sleep_for(kPause);
  }
}

Status check_schema(Connection& db, std::span<const Migration> known) {
  STARDROP_TRY_ASSIGN(
      const Answer newer,
      db.run("SELECT number, name FROM schema_migrations WHERE works_from > $1 ORDER BY number "
             "LIMIT 1",
             Parameters().add(static_cast<std::int64_t>(known.size()))));
  if (newer.rows() == 0) return done();
  return newer_schema(newer.integer(0, 0), newer.bytes(0, 1), known.size());
}

}  // namespace stardrop::storage::postgres
