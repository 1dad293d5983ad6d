// Used idempotency keys on disk: packed by the thousand, so that a start reads them in one go.
//
// Keys of the newest batches stand only in the redo log; when there are enough of them they become
// a chunk. Redo rows therefore live at least until a chunk covers them.
#pragma once

#include <string>
#include <vector>

#include "engine/store.h"
#include "storage/sqlite/database.h"

namespace stardrop::storage {

/// The table of key chunks.
class KeyChunks {
 public:
  KeyChunks() = default;
  /// `chunk_bytes` of keys make a chunk.
  explicit KeyChunks(std::size_t chunk_bytes) noexcept : chunk_bytes_(chunk_bytes) {}

  /// Prepares the statements and gives every key that is in a chunk to `take`, oldest first.
  /// Refused with storage_unavailable.
  Status open(Database& db, const engine::TakeKeys& take);

  /// Operations up to this one have their keys in chunks.
  OpId covered() const noexcept { return covered_; }

  /// Remembers the keys of a batch for the next chunk.
  void add(OpId last_op, const std::vector<engine::UsedKey>& keys);
  /// Writes what is remembered as a chunk within the open transaction, if it is enough for one or
  /// if `all`. SQLITE_OK or an error code.
  int write(bool all);
  /// The transaction was committed, or rolled back: what was written is so, or is pending again.
  void committed();
  void rolled_back() noexcept { written_ = false; }

 private:
  void clear_pending();

  std::size_t chunk_bytes_ = 0;
  Statement insert_;
  OpId covered_;
  OpId first_op_;  // of what is remembered
  OpId last_op_;
  std::int64_t previous_ = 0;
  std::string pending_;
  bool written_ = false;  // in the open transaction
};

}  // namespace stardrop::storage
