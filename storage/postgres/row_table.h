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
#include "storage/postgres/shard_map.h"
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

  /// The rows with these keys, in their order. Parameters: `keys_of`.
  static const std::string& select() {
    static const std::string text = make_select(kPair, false);
    return text;
  }
  /// The same, and locks them. If they are spread, the keys are of one shard (`ShardMap::groups`).
  static const std::string& lock(Placement placement) {
    static const std::string here = make_select(kPair, false) + " /* one server */ FOR UPDATE OF t";
    static const std::string spread = make_select(kPair, true) + " /* one shard */ FOR UPDATE OF t";
    return placement == Placement::spread ? spread : here;
  }
  /// The first rows of a range ($1, but for row types without ranges), at most $2 of them.
  static const std::string& select_range() {
    static const std::string text =
        "SELECT " + names("t.") + " FROM " + name() + " t WHERE " +
        (RangedRow<Row> ? "t." + key_name(0) + " = $1" : "$1::bigint IS NOT NULL") + " ORDER BY " +
        key_names("t.") + " LIMIT $2";
    return text;
  }
  /// All rows of many ranges. Parameter: an array of them.
  static const std::string& select_ranges() requires(RangedRow<Row>) {
    static const std::string text = "SELECT " + names("t.") + " FROM " + name() + " t WHERE t." +
                                    key_name(0) + " = ANY($1::bigint[]) ORDER BY " +
                                    key_names("t.");
    return text;
  }
  /// All rows in the order of their keys.
  static const std::string& select_all() {
    static const std::string text =
        "SELECT " + names("t.") + " FROM " + name() + " t ORDER BY " + key_names("t.");
    return text;
  }
  /// The first $1 of them.
  static const std::string& select_first() {
    static const std::string text = select_all() + " LIMIT $1";
    return text;
  }
  /// The $1 that come behind a key. Parameters: $1 and `add_key`.
  static const std::string& select_next() {
    static const std::string text = "SELECT " + names("t.") + " FROM " + name() + " t WHERE (" +
                                    key_names("t.") + ") > ($2" + (kPair ? ", $3" : "") +
                                    ") ORDER BY " + key_names("t.") + " LIMIT $1";
    return text;
  }
  /// Up to $2 rows of a line that begins with $1: each names the key of the next in `link`. Citus
  /// doesn't follow a line from shard to shard.
  static std::string select_line(const std::string& link) {
    return "WITH RECURSIVE /* one server */ line AS (SELECT " + names("t.") + ", 1 AS place FROM " +
           name() + " t WHERE t." + key_name(0) + " = $1 UNION ALL SELECT " + names("t.") +
           ", line.place + 1 FROM line JOIN " + name() + " t ON t." + key_name(0) + " = line." +
           link + " WHERE line.place < $2) SELECT " + names("line.") + " FROM line";
  }
  /// New rows; one that is there already is a unique violation. Citus forgets to say so of rows it
  /// copies: there they are counted instead. Parameters: `columns_of`.
  static const std::string& insert(Placement placement) {
    static const std::string into =
        name() + '(' + names("") + ") SELECT " + casts() + " FROM " + unnest(false);
    static const std::string here = "INSERT /* one server */ INTO " + into;
    static const std::string spread = guarded("INSERT INTO " + into + " ON CONFLICT DO NOTHING");
    return placement == Placement::spread ? spread : here;
  }
  /// Changed rows. One that is not there divides by zero, and nothing of the transaction counts.
  static const std::string& update(Placement placement) {
    static const std::string here = guarded("UPDATE " + name() + " t SET " + sets() + " FROM " +
                                            unnest(false) + " WHERE " + same_key());
    static const std::string spread =
        guarded("UPDATE " + name() + " t SET " + sets() + " FROM " + unnest(false) + " WHERE " +
                same_key() + " AND " + in_shards());
    return placement == Placement::spread ? spread : here;
  }
  /// Removed rows, with the same guard. Parameters: `keys_of`.
  static const std::string& erase(Placement placement) {
    static const std::string here =
        guarded("DELETE FROM " + name() + " t USING " + unnest(true) + " WHERE " + same_key());
    static const std::string spread = guarded("DELETE FROM " + name() + " t USING " + unnest(true) +
                                              " WHERE " + same_key() + " AND " + in_shards());
    return placement == Placement::spread ? spread : here;
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

  /// A single key, behind the parameters that are there.
  static void add_key(Parameters& to, const Key& key) {
    if constexpr (kPair) {
      to.add(key.first).add(key.second);
    } else {
      to.add(to_integer(key));
    }
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
  /// What tells Citus the shards: a join doesn't. One server would look through all keys for each
  /// row it joins.
  static std::string in_shards() {
    return joined(" AND ", kKeyColumns<Row>, [](int at, const std::string& c, std::string_view) {
      return "t." + c + " = ANY($" + std::to_string(at + 1) + "::bigint[])";
    });
  }
  static std::string make_select(bool joins, bool spread) {
    const std::string from = "SELECT " + names("t.") + " FROM " + name() + " t";
    const std::string order = " ORDER BY " + key_names("t.");
    if (!joins) return from + " WHERE " + in_shards() + order;
    return from + ", " + unnest(true) + " WHERE " + same_key() +
           (spread ? " AND " + in_shards() : "") + order;
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
