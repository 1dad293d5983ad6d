// What a row type says of itself, to tables and stores.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/fields.h"

namespace stardrop {

/// When a store writes the rows of a table.
enum class WritePolicy : std::uint8_t {
  append,   ///< new rows with the batch; later changes are written back
  back,     ///< written back; until then the redo log can rebuild them
  through,  ///< every change with the batch
};

/// A key of two numbers, such as (edition, account).
struct PairKey {
  std::int64_t first = 0;
  std::int64_t second = 0;
  friend constexpr auto operator<=>(const PairKey&, const PairKey&) noexcept = default;
};

/// Spreads pairs over a hash table.
struct PairKeyHash {
  std::size_t operator()(const PairKey& key) const noexcept {
    auto x = static_cast<std::uint64_t>(key.first) * 0x9e3779b97f4a7c15ULL ^
             static_cast<std::uint64_t>(key.second);
    x = (x ^ (x >> 32U)) * 0xd6e8feb86659fd93ULL;
    return static_cast<std::size_t>(x ^ (x >> 32U));
  }
};

/// What a row type says of itself:
/// - `Key` and `key()`; `kTable`, the table's name; `fields()`, the key's fields first;
/// - `kWrite`, the policy above;
/// - `kResident`: all rows are in memory, so that what isn't there doesn't exist;
/// - `kOrdered`: resident and walked in key order;
/// - `kHashed`: part of the state hash (secrets that may be destroyed are not).
template <class Row>
concept TableRow = Described<Row> && requires(const Row& row) {
  { row.key() } -> std::same_as<typename Row::Key>;
  { Row::kTable } -> std::convertible_to<std::string_view>;
  { Row::kWrite } -> std::convertible_to<WritePolicy>;
  { Row::kResident } -> std::convertible_to<bool>;
  { Row::kOrdered } -> std::convertible_to<bool>;
  { Row::kHashed } -> std::convertible_to<bool>;
};

/// Ordered rows that are walked by the first half of their key, which makes a range: `kRanged`.
template <class Row>
concept RangedRow =
    TableRow<Row> && Row::kOrdered && std::is_same_v<typename Row::Key, PairKey> && requires {
  requires Row::kRanged;
};

/// Ranged rows that others change without a lock on what the range belongs to: each has to be
/// locked by itself, and what was seen of it before stays a guess like any other. `kLockedApart`.
template <class Row>
concept RowLockedApart = RangedRow<Row> && requires {
  requires Row::kLockedApart;
};

}  // namespace stardrop
