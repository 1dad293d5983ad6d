// Which rows of a Citus cluster are together in one shard.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fields.h"
#include "base/result.h"
#include "storage/columns.h"
#include "storage/postgres/connection.h"

namespace stardrop::storage::postgres {

/// Each key once, in the order that all nodes share.
template <class Key>
std::vector<Key> in_order(std::vector<Key> keys) {
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

/// Where a table is.
enum class Placement : std::uint8_t {
  here,   ///< on the server that is asked
  spread  ///< by hash over the workers of a Citus cluster
};

/// Where the tables are: on one server, or spread over shards by the hash of a column. Found out
/// once, when a database is opened: neither the column nor the number of shards ever changes.
class ShardMap {
 public:
  /// Asks the database. Refused with storage_unavailable.
  Status read(Connection& db);
  /// Whether any table is spread. Then statements are those that Citus takes.
  bool is_spread() const noexcept { return !tables_.empty(); }

  template <class Row>
  Placement placement_of() const noexcept {
    return tables_.contains(Row::kTable) ? Placement::spread : Placement::here;
  }

  /// Keys in the groups that one statement may lock: by shard, and within it in their order, which
  /// all nodes share. On one server they are all one group.
  template <class Row>
  std::vector<std::vector<typename Row::Key>> groups(std::vector<typename Row::Key> keys) const {
    using Key = typename Row::Key;
    keys = in_order(std::move(keys));
    const auto found = tables_.find(Row::kTable);
    if (found == tables_.end()) return {std::move(keys)};
    std::map<std::int64_t, std::vector<Key>> by_shard;
    const int column = column_of<Row>(found->second.column);
    for (const Key& key : keys) {
      std::int64_t value = 0;
      if constexpr (std::is_same_v<Key, PairKey>) {
        value = column == 0 ? key.first : key.second;
      } else {
        value = to_integer(key);
      }
      by_shard[shard_of(value, found->second.shards)].push_back(key);
    }
    std::vector<std::vector<Key>> out;
    for (auto& [shard, group] : by_shard) out.push_back(std::move(group));
    return out;
  }

  /// The hash of a bigint by which it is spread: PostgreSQL's own, hashint8().
  static std::int32_t hash_of(std::int64_t value) noexcept;
  /// The number of its shard: each has an equal part of the hashes.
  static std::int64_t shard_of(std::int64_t value, std::int64_t shards) noexcept;

 private:
  struct Spread {
    std::string column;
    std::int64_t shards = 1;
  };

  /// The number of a column that rows are spread by.
  template <class Row>
  static int column_of(std::string_view name) {
    int at = 0;
    int found = 0;
    for_each_field<Row>([&](const auto& f) {
      if (f.name == name) found = at;
      ++at;
    });
    return found;
  }

  std::map<std::string, Spread, std::less<>> tables_;
};

}  // namespace stardrop::storage::postgres
