// The journal's table: a row a batch, every lane in it.
#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "engine/store.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/news.h"

namespace stardrop::storage::postgres {

/// Adds the statement that writes a batch.
void send_batch(Connection& db,
                const engine::JournalBatch& batch,
                Instant last_time,
                const BatchNews& news);

/// Adds the statement that writes used keys. One that was used before is a unique violation, or, if
/// the table is spread, fails as a row that can't be updated does (see `RowTable`).
void send_used_keys(Connection& db, const std::vector<engine::UsedKey>& keys, bool spread);
/// Adds the statement that looks keys up.
void send_find_keys(Connection& db, std::span<const engine::UsedKey> keys);
/// Reads its answer.
std::vector<engine::UsedKey> read_keys(const Answer& answer);

/// The batch that holds `op`: of the lane whose number is in it.
Result<std::optional<engine::JournalBatch>> find_batch(Connection& db, OpId op);
/// Gives those of many operations, each once: a round trip, and one for some dozens of batches.
Status find_batches(Connection& db,
                    std::span<const OpId> ops,
                    const std::function<void(engine::JournalBatch&&)>& take);

/// Gives the batches of all lanes behind `after`, in the order of their times, which is one in
/// which they can have happened, until `take` returns false.
Status read_journal(Connection& db,
                    OpId after,
                    const std::function<bool(const engine::JournalBatch&)>& take);

}  // namespace stardrop::storage::postgres
