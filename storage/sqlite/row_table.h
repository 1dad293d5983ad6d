// The statements of one table: read a row, put it, remove it, go through all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/table.h"
#include "storage/refused.h"
#include "storage/sqlite/columns.h"
#include "storage/sqlite/database.h"

namespace stardrop::storage {

/// The table of one row type. Statements are prepared once.
template <TableRow Row>
class RowTable {
 public:
  using Key = typename Row::Key;

  Status prepare(Database& db) {
    db_ = &db;
    STARDROP_TRY_ASSIGN(select_, db.prepare(select_text() + where_key()));
    STARDROP_TRY_ASSIGN(put_, db.prepare(put_text()));
    STARDROP_TRY_ASSIGN(erase_, db.prepare("DELETE FROM " + name() + where_key()));
    return done();
  }

  /// The row, if it is there. Refused with storage_unavailable.
  Result<std::optional<Row>> find(const Key& key) {
    const ResetLater reset(select_);
    bind_key(select_, key);
    const int code = select_.step();
    if (code == SQLITE_DONE) return std::optional<Row>();
    STARDROP_TRY(db_->check(code, "Reading " + name()));
    Row row;
    if (!read_row(select_, row) || row.key() != key) return damaged();
    return std::optional<Row>(std::move(row));
  }

  /// Adds or overwrites a row. SQLITE_OK or an error code.
  int put(const Row& row) {
    bind_row(put_, row);
    return put_.run();
  }
  /// Removes a row, if it is there. SQLITE_OK or an error code.
  int erase(const Key& key) {
    bind_key(erase_, key);
    return erase_.run();
  }

  /// Gives every row in key order. Refused with storage_unavailable.
  template <class Take>
  Status for_each(Take&& take) {
    STARDROP_TRY_ASSIGN(Statement all,
                        db_->prepare(select_text() + " ORDER BY " + key_names(", ")));
    for (;;) {
      const int code = all.step();
      if (code == SQLITE_DONE) return done();
      STARDROP_TRY(db_->check(code, "Reading " + name()));
      Row row;
      if (!read_row(all, row)) return damaged();
      take(std::move(row));
    }
  }

  static std::string name() { return std::string(Row::kTable); }

 private:
  static Error damaged() { return refused("A row of " + name() + " is damaged.", "damaged_row"); }
  static std::string quoted(std::string_view column) { return '"' + std::string(column) + '"'; }

  static std::string key_names(std::string_view between) {
    std::string out;
    int at = 0;
    for_each_field<Row>([&](const auto& f) {
      if (at < kKeyColumns<Row>) out += (at == 0 ? "" : std::string(between)) + quoted(f.name);
      ++at;
    });
    return out;
  }
  static std::string where_key() { return " WHERE " + key_names("=? AND ") + "=?"; }
  static std::string all_names() {
    std::string out;
    for_each_field<Row>([&](const auto& f) { out += (out.empty() ? "" : ",") + quoted(f.name); });
    return out;
  }
  static std::string select_text() { return "SELECT " + all_names() + " FROM " + name(); }
  static std::string put_text() {
    std::string marks;
    for_each_field<Row>([&](const auto&) { marks += marks.empty() ? "?" : ",?"; });
    return "INSERT OR REPLACE INTO " + name() + '(' + all_names() + ") VALUES(" + marks + ')';
  }

  Database* db_ = nullptr;
  Statement select_;
  Statement put_;
  Statement erase_;
};

}  // namespace stardrop::storage
