// The rows of a batch: read by their keys, written by sets.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "market/state.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/shard_map.h"
#include "storage/postgres/shares.h"

namespace stardrop::storage::postgres {

/// What `send_keys` has sent.
struct KeyStatements {
  std::vector<std::size_t> of_type;  ///< how many for the keys of each row type, in their order
  bool locked = false;
};

/// Adds the statements that read what `keys` names, table by table, each in the order of its keys,
/// and locks it if `locked`, but for what is only looked at; there shard by shard, if the table is
/// spread.
KeyStatements send_keys(Connection& db,
                        const market::Keys& keys,
                        bool locked,
                        const ShardMap& shards);

/// Takes over the answers to `send_keys`, from the one at `at` on. Refused with storage_unavailable
/// if a row is damaged.
Status take_rows(const market::Keys& keys,
                 const std::vector<Answer>& answers,
                 std::size_t at,
                 const KeyStatements& statements,
                 const Shares& shares,
                 market::State& into);

/// Adds the statements that write what a batch changed, but for the engine's own accounts.
void send_changes(Connection& db, const market::State& state, const ShardMap& shards);

}  // namespace stardrop::storage::postgres
