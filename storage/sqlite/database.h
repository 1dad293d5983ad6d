// A SQLite connection and its prepared statements, with refusals instead of codes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <sqlite3.h>

#include "base/result.h"

namespace stardrop::storage {

/// A refusal that names what was being done and what SQLite said. A broken CHECK or UNIQUE is our
/// own mistake (internal); everything else is storage_unavailable.
Error sqlite_error(sqlite3* db, int code, std::string_view doing);

/// A prepared statement. Parameters and columns count as in SQLite: from 1 and from 0.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) noexcept : statement_(statement) {}

  void bind(int at, std::int64_t value) noexcept { sqlite3_bind_int64(get(), at, value); }
  void bind_null(int at) noexcept { sqlite3_bind_null(get(), at); }
  /// The text must live until the step.
  void bind_text(int at, std::string_view value) noexcept {
    sqlite3_bind_text64(get(), at, data_of(value), value.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  /// The bytes must live until the step.
  void bind_blob(int at, std::string_view value) noexcept {
    sqlite3_bind_blob64(get(), at, data_of(value), value.size(), SQLITE_STATIC);
  }
  /// The bytes are copied.
  void bind_blob_copy(int at, std::string_view value) noexcept {
    sqlite3_bind_blob64(get(), at, data_of(value), value.size(), SQLITE_TRANSIENT);
  }

  /// SQLITE_ROW, SQLITE_DONE or an error code.
  int step() noexcept { return sqlite3_step(get()); }
  /// Steps a statement that yields no rows, and makes it ready for the next time. SQLITE_OK or an
  /// error code.
  int run() noexcept {
    const int code = sqlite3_step(get());
    sqlite3_reset(get());
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
  }
  void reset() noexcept { sqlite3_reset(get()); }

  std::int64_t integer(int at) noexcept { return sqlite3_column_int64(get(), at); }
  bool is_null(int at) noexcept { return sqlite3_column_type(get(), at) == SQLITE_NULL; }
  /// Good until the next step or reset.
  std::string_view text(int at) noexcept {
    const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(get(), at));
    return data == nullptr ? std::string_view() : std::string_view(data, size_of(at));
  }
  /// Good until the next step or reset.
  std::string_view blob(int at) noexcept {
    const auto* const data = static_cast<const char*>(sqlite3_column_blob(get(), at));
    return data == nullptr ? std::string_view() : std::string_view(data, size_of(at));
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  sqlite3_stmt* get() const noexcept { return statement_.get(); }
  std::size_t size_of(int at) const noexcept {
    return static_cast<std::size_t>(sqlite3_column_bytes(get(), at));
  }
  /// SQLite takes a null pointer for NULL, and an empty view may have one.
  static const char* data_of(std::string_view value) noexcept {
    return value.data() == nullptr ? "" : value.data();
  }

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Resets a statement at the end of a scope, so that it holds no read transaction open.
class ResetLater {
 public:
  explicit ResetLater(Statement& statement) noexcept : statement_(statement) {}
  ResetLater(const ResetLater&) = delete;
  ResetLater& operator=(const ResetLater&) = delete;
  ~ResetLater() { statement_.reset(); }

 private:
  Statement& statement_;
};

/// A connection. One thread at a time.
class Database {
 public:
  /// How long a lock that somebody else holds is waited for.
  static constexpr int kBusyMs = 2000;

  enum class Mode : std::uint8_t { read_only, read_write, create };

  Database() = default;

  /// Opens `path`. A read-only connection can neither write nor checkpoint.
  /// Refused with storage_unavailable.
  static Result<Database> open(const std::string& path, Mode mode, const std::string& vfs);

  bool is_open() const noexcept { return db_ != nullptr; }
  void close() noexcept { db_.reset(); }
  sqlite3* handle() const noexcept { return db_.get(); }

  /// Runs SQL text whose rows don't matter.
  Status run(const std::string& sql);
  Result<Statement> prepare(const std::string& sql);
  /// The first column of the first row; 0 if there is none.
  Result<std::int64_t> number(const std::string& sql);

  /// `code` as a refusal, if it is one.
  Status check(int code, std::string_view doing) const {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return done();
    return sqlite_error(db_.get(), code, doing);
  }
  /// Moves as much of the write-ahead log into the file as readers allow, waiting for nobody: of
  /// `pages`, `moved`. SQLITE_OK or an error code.
  int move_log(int& pages, int& moved) noexcept {
    return sqlite3_wal_checkpoint_v2(db_.get(), "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
  }
  /// Moves all of the log and empties it. SQLITE_BUSY, at once, if somebody reads an older state.
  int empty_log() noexcept {
    sqlite3_busy_timeout(db_.get(), 0);
    const int code =
        sqlite3_wal_checkpoint_v2(db_.get(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    sqlite3_busy_timeout(db_.get(), kBusyMs);
    return code;
  }
  /// The last extended error code.
  int extended_code() const noexcept { return sqlite3_extended_errcode(db_.get()); }
  /// Whether a transaction is open.
  bool in_transaction() const noexcept { return sqlite3_get_autocommit(db_.get()) == 0; }

 private:
  struct Close {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace stardrop::storage
