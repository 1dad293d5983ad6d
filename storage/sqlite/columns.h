// Rows as columns: made of the one description each row type has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/binary.h"
#include "base/fields.h"
#include "base/table.h"
#include "storage/columns.h"
#include "storage/sqlite/database.h"

namespace stardrop::storage {

/// A column as it must stand in the schema.
struct Column {
  std::string_view name;
  std::string_view type;  ///< INTEGER, TEXT or BLOB
  bool nullable = false;
};

/// The type of a member's column.
template <class M>
constexpr std::string_view column_type() {
  if constexpr (kIsOptional<M>) {
    return column_type<typename M::value_type>();
  } else if constexpr (std::is_same_v<M, std::string>) {
    return "TEXT";
  } else if constexpr (std::is_same_v<M, Bytes> || kIsVector<M>) {
    return "BLOB";
  } else {
    static_assert(kIsId<M> || kIsAmount<M> || std::is_same_v<M, Instant> ||
                      std::is_same_v<M, Duration> || std::is_integral_v<M> || std::is_enum_v<M>,
                  "every member has a column type");
    return "INTEGER";
  }
}

/// The columns of a row type, in the order of its fields.
template <TableRow Row>
std::vector<Column> columns_of() {
  std::vector<Column> out;
  for_each_field<Row>([&]<class C, class M>(const Field<C, M>& f) {
    out.push_back({f.name, column_type<M>(), kIsOptional<M>});
  });
  return out;
}

/// Binds a member. It must live until the step.
template <class M>
void bind_member(Statement& to, int at, const M& value) {
  if constexpr (kIsOptional<M>) {
    if (value) {
      bind_member(to, at, *value);
    } else {
      to.bind_null(at);
    }
  } else if constexpr (std::is_same_v<M, std::string>) {
    to.bind_text(at, value);
  } else if constexpr (std::is_same_v<M, Bytes>) {
    to.bind_blob(at, value.data);
  } else if constexpr (kIsVector<M>) {
    to.bind_blob_copy(at, to_binary(value));
  } else {
    to.bind(at, to_integer(value));
  }
}

/// Reads a member; false if the column holds nothing of its kind.
template <class M>
bool read_member(Statement& from, int at, M& out) {
  if constexpr (kIsOptional<M>) {
    if (from.is_null(at)) {
      out.reset();
      return true;
    }
    return read_member(from, at, out.emplace());
  } else if constexpr (std::is_same_v<M, std::string>) {
    out = std::string(from.text(at));
  } else if constexpr (std::is_same_v<M, Bytes>) {
    out.data = std::string(from.blob(at));
  } else if constexpr (kIsVector<M>) {
    auto decoded = from_binary<M>(from.blob(at));
    if (!decoded) return false;
    out = *std::move(decoded);
  } else {
    return from_integer(from.integer(at), out);
  }
  return true;
}

/// Binds all members of a row to the parameters from 1 on. The row must live until the step.
template <TableRow Row>
void bind_row(Statement& to, const Row& row) {
  int at = 0;
  for_each_field<Row>([&](const auto& f) { bind_member(to, ++at, row.*(f.member)); });
}

/// Reads all members of a row from the columns from 0 on; false if one of them is no value of its
/// member.
template <TableRow Row>
bool read_row(Statement& from, Row& out) {
  int at = 0;
  bool sound = true;
  for_each_field<Row>([&](const auto& f) {
    sound = read_member(from, at, out.*(f.member)) && sound;
    ++at;
  });
  return sound;
}

/// Binds a key to the parameters from 1 on.
template <class Key>
void bind_key(Statement& to, const Key& key) {
  if constexpr (std::is_same_v<Key, PairKey>) {
    to.bind(1, key.first);
    to.bind(2, key.second);
  } else {
    to.bind(1, to_integer(key));
  }
}

}  // namespace stardrop::storage
