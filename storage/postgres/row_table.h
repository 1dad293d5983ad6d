// The statements of one table: read rows by their keys, and write many at once.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/binary.h"
#include "base/table.h"
#include "market/state.h"
#include "storage/columns.h"
#include "storage/postgres/connection.h"
#include "storage/refused.h"

namespace stardrop::storage::postgres {

/// The type of a member's column.
template <class M>
constexpr std::string_view column_type() {
  if constexpr (kIsOptional<M>) {
    return column_type<typename M::value_type>();
  } else if constexpr (std::is_same_v<M, std::string>) {
    return "text";
  } else if constexpr (std::is_same_v<M, Bytes> || kIsVector<M>) {
    return "bytea";
  } else if constexpr (std::is_enum_v<M> || std::is_same_v<M, bool>) {
    return "smallint";
  } else {
    return "bigint";
  }
}

/// The type of the array that carries a column's values. Small numbers travel as large ones.
template <class M>
constexpr Type array_type() {
  constexpr std::string_view kColumn = column_type<M>();
  if (kColumn == "text") return Type::text_array;
  if (kColumn == "bytea") return Type::bytea_array;
  return Type::int8_array;
}

/// Appends a member to the array of its column.
template <class M>
void append_member(Array& to, const M& value) {
  if constexpr (kIsOptional<M>) {
    if (value) {
      append_member(to, *value);
    } else {
      to.add_null();
    }
  } else if constexpr (std::is_same_v<M, std::string>) {
    to.add(std::string_view(value));
  } else if constexpr (std::is_same_v<M, Bytes>) {
    to.add(std::string_view(value.data));
  } else if constexpr (kIsVector<M>) {
    to.add(std::string_view(to_binary(value)));
  } else {
    to.add(to_integer(value));
  }
}

/// Reads a member; false if the column holds nothing of its kind.
template <class M>
bool read_member(const Answer& from, int row, int at, M& out) {
  if constexpr (kIsOptional<M>) {
    if (from.is_null(row, at)) {
      out.reset();
      return true;
    }
    return read_member(from, row, at, out.emplace());
  } else if constexpr (std::is_same_v<M, std::string>) {
    out = std::string(from.bytes(row, at));
  } else if constexpr (std::is_same_v<M, Bytes>) {
    out.data = std::string(from.bytes(row, at));
  } else if constexpr (kIsVector<M>) {
    auto decoded = from_binary<M>(from.bytes(row, at));
    if (!decoded) return false;
    out = *std::move(decoded);
  } else {
    return from_integer(from.integer(row, at), out);
  }
  return true;
}

/// Texts of statements, and the way between rows and answers. Everything is static: a row type's
/// description says it all.
template <TableRow Row>
class RowTable {
 public:
  using Key = typename Row::Key;
  static constexpr bool kPair = std::is_same_v<Key, PairKey>;

  /// The rows with these keys, in their order; locked if `lock`. Parameters: `keys_of`.
  static const std::string& select(bool lock) {
    static const std::string plain = make_select();
    static const std::string locked = plain + " FOR UPDATE OF t";
    return lock ? locked : plain;
  }
  /// The first rows of a range ($1, but for row types without ranges), at most $2 of them.
  static const std::string& select_range() {
    static const std::string text =
        "SELECT " + names("t.") + " FROM " + name() + " t WHERE " +
        (RangedRow<Row> ? "t." + key_name(0) + " = $1" : "$1::bigint IS NOT NULL") + " ORDER BY " +
        key_names("t.") + " LIMIT $2";
    return text;
  }
  /// All rows in the order of their keys.
  static const std::string& select_all() {
    static const std::string text =
        "SELECT " + names("t.") + " FROM " + name() + " t ORDER BY " + key_names("t.");
    return text;
  }
  /// New rows; one that is there already is a unique violation. Parameters: `columns_of`.
  static const std::string& insert() {
    static const std::string text = "INSERT INTO " + name() + '(' + names("") + ") SELECT " +
                                    casts() + " FROM " + unnest(false);
    return text;
  }
  /// Changed rows. One that is not there divides by zero, and nothing of the transaction counts.
  static const std::string& update() {
    static const std::string text = guarded("UPDATE " + name() + " t SET " + sets() + " FROM " +
                                            unnest(false) + " WHERE " + same_key());
    return text;
  }
  /// Removed rows, with the same guard. Parameters: `keys_of`.
  static const std::string& erase() {
    static const std::string text =
        guarded("DELETE FROM " + name() + " t USING " + unnest(true) + " WHERE " + same_key());
    return text;
  }

  static Parameters keys_of(const std::vector<Key>& keys) {
    Array first(Type::int8_array);
    Array second(Type::int8_array);
    for (const Key& key : keys) {
      if constexpr (kPair) {
        first.add(key.first);
        second.add(key.second);
      } else {
        first.add(to_integer(key));
      }
    }
    Parameters out;
    out.add(first);
    if (kPair) out.add(second);
    return out;
  }

  /// One array a column.
  static Parameters columns_of(const std::vector<const Row*>& rows) {
    Parameters out;
    for_each_field<Row>([&]<class M>(const Field<Row, M>& f) {
      Array column(array_type<M>());
      for (const Row* const row : rows) append_member(column, row->*(f.member));
      out.add(column);
    });
    return out;
  }

  /// Reads a row of an answer. Refused with storage_unavailable if it is damaged.
  static Result<Row> read(const Answer& from, int at) {
    Row row;
    int column = 0;
    bool sound = true;
    for_each_field<Row>(
        [&](const auto& f) { sound = read_member(from, at, column++, row.*(f.member)) && sound; });
    if (sound) return row;
    return refused("A row of " + name() + " is damaged.", "damaged_row");
  }

  static std::string name() { return std::string(Row::kTable); }

 private:
  static std::string quoted(std::string_view column) { return '"' + std::string(column) + '"'; }

  /// Calls `visit(number, name, type)` for each column.
  template <class Visit>
  static void each_column(Visit&& visit) {
    int at = 0;
    for_each_field<Row>(
        [&]<class M>(const Field<Row, M>& f) { visit(at++, quoted(f.name), column_type<M>()); });
  }
  template <class Make>
  static std::string joined(std::string_view between, int most, Make&& make) {
    std::string out;
    each_column([&](int at, const std::string& column, std::string_view type) {
      if (at >= most) return;
      if (!out.empty()) out += between;
      out += make(at, column, type);
    });
    return out;
  }
  static constexpr int kAll = 1000;

  static std::string names(const std::string& of) {
    return joined(", ", kAll, [&](int, const std::string& c, std::string_view) { return of + c; });
  }
  static std::string key_names(const std::string& of) {
    return joined(", ", kKeyColumns<Row>,
                  [&](int, const std::string& c, std::string_view) { return of + c; });
  }
  static std::string key_name(int number) {
    std::string out;
    each_column([&](int at, const std::string& column, std::string_view) {
      if (at == number) out = column;
    });
    return out;
  }
  static std::string same_key() {
    return joined(" AND ", kKeyColumns<Row>, [](int, const std::string& c, std::string_view) {
      return "t." + c + " = u." + c;
    });
  }
  static std::string casts() {
    return joined(", ", kAll, [](int, const std::string& c, std::string_view type) {
      return type == "smallint" ? "u." + c + "::smallint" : "u." + c;
    });
  }
  static std::string sets() {
    std::string out;
    each_column([&](int at, const std::string& c, std::string_view type) {
      if (at < kKeyColumns<Row>) return;
      out += (out.empty() ? "" : ", ") + c + " = u." + c + (type == "smallint" ? "::smallint" : "");
    });
    return out;
  }
  static std::string unnest(bool keys_only) {
    const int most = keys_only ? kKeyColumns<Row> : kAll;
    const std::string arrays =
        joined(", ", most, [](int at, const std::string&, std::string_view type) {
          const std::string sent = type == "smallint" ? "bigint" : std::string(type);
          return '$' + std::to_string(at + 1) + "::" + sent + "[]";
        });
    const std::string columns =
        joined(", ", most, [](int, const std::string& c, std::string_view) { return c; });
    return "unnest(" + arrays + ") AS u(" + columns + ')';
  }
  static std::string make_select() {
    const std::string from = "SELECT " + names("t.") + " FROM " + name() + " t";
    if constexpr (kPair) {
      return from + ", " + unnest(true) + " WHERE " + same_key() + " ORDER BY " + key_names("t.");
    } else {
      return from + " WHERE t." + key_name(0) + " = ANY($1::bigint[]) ORDER BY " + key_names("t.");
    }
  }
  /// Written rows are counted, and a number other than that of the first array's elements is fatal
  /// to the transaction.
  static std::string guarded(const std::string& statement) {
    return "WITH written AS (" + statement +
           " RETURNING 1) SELECT 1 / (CASE WHEN count(*) = cardinality($1::bigint[]) THEN 1 ELSE 0 "
           "END) FROM written";
  }
};

}  // namespace stardrop::storage::postgres
