// Brings rows from the file into memory: the redo log first, then the tables.
#pragma once

#include <vector>

#include "engine/store.h"
#include "storage/sqlite/redo.h"
#include "storage/sqlite/write_back.h"

namespace stardrop::storage {

/// Loads the rows that stand only in the redo log. It goes from the newest batch to the oldest, and
/// the first image of a row wins. With `dirty`, they are to be written back. Returns the keys used
/// behind `keys_after`, oldest first. Refused with storage_unavailable.
Result<std::vector<engine::UsedKey>> replay_redo(RedoLog& redo,
                                                 OpId keys_after,
                                                 market::State& into,
                                                 WriteBack* dirty);

/// Loads the rows of all tables, or of the resident ones; what is loaded already wins.
/// Refused with storage_unavailable.
Status read_rows(RowTables& tables, market::State& into, bool resident_only);

}  // namespace stardrop::storage
