// Connections and statements.
#include "storage/sqlite/database.h"

namespace stardrop::storage {
namespace {

std::string reason_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return "disk_full";
    case SQLITE_READONLY:
    case SQLITE_PERM: return "read_only";
    case SQLITE_NOTADB: return "not_a_database";
    case SQLITE_CORRUPT: return "damaged";
    case SQLITE_IOERR: return "io_error";
    case SQLITE_CANTOPEN: return "cannot_open";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "busy";
    default: return "sqlite";
  }
}

}  // namespace

Error sqlite_error(sqlite3* db, int code, std::string_view doing) {
  const int extended = db != nullptr ? sqlite3_extended_errcode(db) : code;
  std::string detail(doing);
  detail += ": ";
  detail += db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  detail += '.';
  const bool ours = (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISUSE;
  return Error(ours ? ErrorCode::internal : ErrorCode::storage_unavailable)
      .detail(std::move(detail))
      .with("reason", reason_of(code))
      .with("sqlite_code", std::int64_t{extended});
}

Result<Database> Database::open(const std::string& path, Mode mode, const std::string& vfs) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (mode == Mode::read_only) flags |= SQLITE_OPEN_READONLY;
  if (mode != Mode::read_only) flags |= SQLITE_OPEN_READWRITE;
  if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database out;
  out.db_.reset(raw);
  if (code != SQLITE_OK)
    return sqlite_error(raw, code, "The database " + path + " can't be opened");
  sqlite3_busy_timeout(raw, kBusyMs);
  if (mode == Mode::read_only) STARDROP_TRY(out.run("PRAGMA query_only=1"));
  return out;
}

Status Database::run(const std::string& sql) {
  return check(sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr), "The database");
}

Result<Statement> Database::prepare(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.c_str(), static_cast<int>(sql.size()) + 1,
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement out(raw);
  if (code != SQLITE_OK) return sqlite_error(db_.get(), code, "The database");
  return out;
}

Result<std::int64_t> Database::number(const std::string& sql) {
  STARDROP_TRY_ASSIGN(Statement statement, prepare(sql));
  const int code = statement.step();
  STARDROP_TRY(check(code, "The database"));
  return code == SQLITE_ROW ? statement.integer(0) : 0;
}

}  // namespace stardrop::storage
